# SPDX-License-Identifier: EUPL-1.2
"""Value types and errors that all rooms share; pure."""
