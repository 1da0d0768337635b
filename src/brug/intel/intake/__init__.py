# SPDX-License-Identifier: EUPL-1.2
"""Taking in what was made elsewhere: documents, texts, answers of modules."""
