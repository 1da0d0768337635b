// SPDX-License-Identifier: EUPL-1.2
// A list of documents on standard input -> for each, the names of the tests that it fails.
import { readFileSync } from 'node:fs'
import validate from '@secvisogram/csaf-validator-lib/validate.js'
import * as mandatory from '@secvisogram/csaf-validator-lib/mandatoryTests.js'
import { csaf_2_0 } from '@secvisogram/csaf-validator-lib/schemaTests.js'

const tests = [csaf_2_0, ...Object.values(mandatory)]
const found = []
for (const document of JSON.parse(readFileSync(0, 'utf8'))) {
  const result = await validate(tests, document)
  found.push(result.tests.filter((test) => !test.isValid).map((test) => test.name))
}
console.log(JSON.stringify(found))
