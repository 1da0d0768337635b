-- SPDX-License-Identifier: EUPL-1.2
-- By what, beside events and agreements, the gate decided the last time.
CREATE TABLE decided_by (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    stated text NOT NULL,
    changed timestamptz
);
ALTER TABLE decided_by ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON decided_by TO brug_all USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON decided_by TO brug_all;
