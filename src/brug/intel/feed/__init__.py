# SPDX-License-Identifier: EUPL-1.2
"""Where published indicators lie."""
