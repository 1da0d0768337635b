# SPDX-License-Identifier: EUPL-1.2
"""Bytes to model and back; pure functions, no input or output."""
