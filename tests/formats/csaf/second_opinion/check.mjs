// SPDX-License-Identifier: EUPL-1.2
// A list of documents on standard input -> for each, the names of the tests that it fails: of the
// schema and the mandatory ones, or with the argument `optional` of those.
import { readFileSync } from 'node:fs'
import validate from '@secvisogram/csaf-validator-lib/validate.js'
import * as mandatory from '@secvisogram/csaf-validator-lib/mandatoryTests.js'
import * as optional from '@secvisogram/csaf-validator-lib/optionalTests.js'
import { csaf_2_0 } from '@secvisogram/csaf-validator-lib/schemaTests.js'

const isOptional = process.argv[2] === 'optional'
const tests = isOptional ? Object.values(optional) : [csaf_2_0, ...Object.values(mandatory)]
const found = []
for (const document of JSON.parse(readFileSync(0, 'utf8'))) {
  const result = await validate(tests, document)
  // What an optional test finds is a warning.
  const failed = result.tests.filter((test) => !test.isValid || test.warnings.length > 0)
  found.push((isOptional ? failed : result.tests.filter((test) => !test.isValid)).map((test) => test.name))
}
console.log(JSON.stringify(found))
