# SPDX-License-Identifier: EUPL-1.2
"""A person's dashboard: widgets, and what each shows of what the person sees."""
