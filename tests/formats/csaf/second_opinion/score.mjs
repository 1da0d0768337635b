// SPDX-License-Identifier: EUPL-1.2
// A list of vectors of CVSS 4.0 on standard input -> the score of each, by FIRST's own code.
import { readFileSync } from 'node:fs'
import { CVSS40 } from './node_modules/@secvisogram/csaf-validator-lib/lib/shared/first/cvss40.js'

const vectors = JSON.parse(readFileSync(0, 'utf8'))
console.log(JSON.stringify(vectors.map((vector) => new CVSS40(vector).score)))
