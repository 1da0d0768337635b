# SPDX-License-Identifier: EUPL-1.2
"""What a file's first bytes say that it is, as a media type. A label for people, no more.

Nothing is opened, unpacked or run for it, and nothing is ever served as the type found here.
Signatures: WHATWG MIME Sniffing, section 6; IANA's media types; the formats' own
specifications. (The packages for this call every ZIP archive a text document, or look into it.)
"""

import codecs

HEAD = 4096  # bytes that are looked at
AGE = "application/vnd.age"
UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
EXECUTABLE = "application/vnd.microsoft.portable-executable"

# Offset, signature, type; the first that fits.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"age-encryption.org/v1\n", AGE),
    (0, b"-----BEGIN AGE ENCRYPTED FILE-----", AGE),
    (0, b"-----BEGIN PGP MESSAGE-----", "application/pgp-encrypted"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\3\4", "application/zip"),
    (0, b"PK\5\6", "application/zip"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\0", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (257, b"ustar", "application/x-tar"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBPVP", "image/webp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"MZ", EXECUTABLE),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap"),
    (0, b"\xa1\xb2\xc3\xd4", "application/vnd.tcpdump.pcap"),
    (0, b"\x0a\x0d\x0d\x0a", "application/x-pcapng"),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
    (0, b"ElfFile\0", "application/x-windows-event-log"),
    (0, b"regf", "application/x-windows-registry"),
    (0, b"OggS\0", "application/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (4, b"ftyp", "video/mp4"),
)


def of(head: bytes) -> str:
    """Of the first HEAD bytes of a file."""
    for offset, signature, found in _SIGNATURES:
        if head.startswith(signature, offset):
            return found
    return TEXT if head and _is_text(head[:HEAD]) else UNKNOWN


def _is_text(head: bytes) -> bool:
    """UTF-8, whose last character may be cut off, without the characters that no text has."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return not any(char < " " and char not in "\t\n\f\r" for char in text)
