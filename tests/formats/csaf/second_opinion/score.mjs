// SPDX-License-Identifier: EUPL-1.2
// Each line on standard input is a list of vectors of CVSS 4.0 -> a line with the score of each, by
// FIRST's own code.
import { createInterface } from 'node:readline'
import { CVSS40 } from './node_modules/@secvisogram/csaf-validator-lib/lib/shared/first/cvss40.js'

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(JSON.parse(line).map((vector) => new CVSS40(vector).score)))
}
