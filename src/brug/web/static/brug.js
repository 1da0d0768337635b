// SPDX-License-Identifier: EUPL-1.2
// Comfort for those who have script: keys, local times, a theme that switches at once.
// Every page works without it; nothing here is the only way to do something.
"use strict";

(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // --- Times: the reader's zone in the text, UTC in the title -----------------------------------

  const pad = (number) => String(number).padStart(2, "0");

  function localText(moment, precise) {
    const day = `${moment.getFullYear()}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`;
    const clock = `${pad(moment.getHours())}:${pad(moment.getMinutes())}`;
    return precise ? `${day} ${clock}:${pad(moment.getSeconds())}` : `${day} ${clock}`;
  }

  function showLocalTimes(root) {
    for (const element of all("time[datetime]:not([data-local])", root)) {
      const moment = new Date(element.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      element.title ||= element.textContent;
      element.textContent = localText(moment, "precise" in element.dataset);
      element.dataset.local = "";
    }
  }

  // --- Keys ----------------------------------------------------------------------------------------

  const ROW = "[data-rows] > tr, [data-rows] > li";
  const EDITABLE = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

  const keysAreOn = () => localStorage.getItem("brug-keys") !== "off";

  function focusRow(row) {
    const target = row.querySelector("[data-row-link], a[href]") || row;
    if (target === row) row.tabIndex = -1;
    target.focus();
    row.scrollIntoView({ block: "nearest" });
  }

  function moveRow(step) {
    const rows = all(ROW);
    if (!rows.length) return;
    const here = rows.indexOf(document.activeElement.closest(ROW));
    const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), rows.length - 1);
    focusRow(rows[next]);
  }

  function press(key) {
    const selector = `[data-key="${CSS.escape(key)}"]`;
    const row = document.activeElement.closest(ROW);
    const target = row?.querySelector(selector) || document.querySelector(selector);
    target?.click();
    return Boolean(target);
  }

  function showShortcuts() {
    const dialog = document.getElementById("shortcuts");
    if (!dialog.open) dialog.showModal();
    return true;
  }

  function focusSearch() {
    const box = document.getElementById("search");
    box?.focus();
    box?.select();
    return Boolean(box);
  }

  const KEYS = {
    "/": focusSearch,
    "?": showShortcuts,
    j: () => moveRow(1),
    k: () => moveRow(-1),
  };

  // "g" waits for the letter of a room; any other key ends the waiting.
  let going = false;

  function go(key) {
    const room = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    room?.click();
    return Boolean(room);
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !keysAreOn()) return;
    if (event.target.closest(EDITABLE) || document.querySelector("dialog[open]")) return;
    const wasGoing = going;
    going = !wasGoing && event.key === "g";
    const act = wasGoing ? go : KEYS[event.key] || press;
    if (going || act(event.key) !== false) event.preventDefault();
  }

  function setUpKeys() {
    document.addEventListener("keydown", onKey);
    const toggle = document.getElementById("shortcuts-on");
    toggle.checked = keysAreOn();
    toggle.addEventListener("change", () => {
      localStorage.setItem("brug-keys", toggle.checked ? "on" : "off");
    });
    for (const button of all('button[data-key="?"]')) button.addEventListener("click", showShortcuts);
  }

  // --- Theme: shown at once, and told to the server for the next page ------------------------------

  function switchTheme(event) {
    const chosen = event.submitter;
    if (!chosen) return;
    event.preventDefault();
    const root = document.documentElement;
    if (chosen.value === "auto") delete root.dataset.theme;
    else root.dataset.theme = chosen.value;
    for (const button of all("button", event.target)) {
      button.setAttribute("aria-pressed", String(button === chosen));
    }
    const body = new URLSearchParams(new FormData(event.target, chosen));
    fetch(event.target.action, { method: "POST", body, redirect: "manual" });
  }

  // --- Menus and folds --------------------------------------------------------------------------------

  function closeMenus(event) {
    for (const menu of all("details.menu[open]")) {
      const outside = event.type === "click" && !menu.contains(event.target);
      if (!outside && event.key !== "Escape") continue;
      menu.open = false;
      if (!outside) menu.querySelector("summary").focus();
    }
  }

  function foldOnNarrow() {
    if (!matchMedia("(max-width: 719px)").matches) return;
    for (const fold of all("details[data-fold]")) fold.open = false;
  }

  // On a narrow screen the rooms lie in a row that scrolls; the current one is brought into it.
  function showCurrentRoom() {
    for (const row of all(".rooms, .tabs")) {
      const current = row.querySelector("[aria-current]");
      if (current) row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
    }
  }

  function unfoldForPrint() {
    for (const fold of all("details[data-fold]")) fold.open = true;
  }

  // --- Editing: whoever leaves a page that holds a lock gives it back -------------------------------

  function leave() {
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    for (const element of all("[data-lock]")) {
      const body = new URLSearchParams({ leave: element.dataset.lock });
      fetch(element.dataset.editing, { method: "POST", body, headers, keepalive: true });
      delete element.dataset.lock;
    }
  }

  // --- Times that are typed: on the clock of the browser's zone, where the reader chose none ---------

  function proposeZone(root) {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    for (const field of all("input[data-zone]", root)) field.value = timeZone || field.value;
  }

  // --- Pieces: whoever pressed something in what was replaced goes on in what came ----------------

  function goOn(event) {
    const piece = event.detail.elt;
    if (document.activeElement !== document.body || !piece.matches("section[id]")) return;
    piece.tabIndex = -1;
    piece.focus({ preventScroll: true });
  }

  function setUp() {
    showLocalTimes(document);
    proposeZone(document);
    foldOnNarrow();
    showCurrentRoom();
    setUpKeys();
    for (const element of all("[data-needs-script]")) element.hidden = false;
    for (const form of all("form[data-theme-switch]")) form.addEventListener("submit", switchTheme);
    document.addEventListener("click", closeMenus);
    document.addEventListener("keydown", closeMenus);
    addEventListener("beforeprint", unfoldForPrint);
    addEventListener("pagehide", leave);
    document.addEventListener("htmx:afterSettle", goOn);
    // htmx tells of each piece it put into the page.
    document.addEventListener("htmx:load", (event) => {
      showLocalTimes(event.detail.elt);
      proposeZone(event.detail.elt);
    });
  }

  setUp();
})();
