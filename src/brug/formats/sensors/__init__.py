# SPDX-License-Identifier: EUPL-1.2
"""Files for sensors and filters: one module a format, all from one table of what goes where.

Pure: an indicator in, lines out. Nothing that a value holds ends a rule, a record or a line.
"""
