-- SPDX-License-Identifier: EUPL-1.2
-- What of cases goes out by itself: exports with their proofs, calendar feeds, webhooks.

-- Where an entry of a case stands in the ledger.
CREATE INDEX ledger_entry_of_case ON ledger_entry ((payload ->> 'entry')) WHERE kind = 'case-entry';
