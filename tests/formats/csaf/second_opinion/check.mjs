// SPDX-License-Identifier: EUPL-1.2
// Each line on standard input is a list of documents -> a line with, for each, the names of the
// tests that it fails: of the schema and the mandatory ones, or of those that are named
// (optionalTest_6_2_12). Each test is slow to import, since its schemas are compiled then; so who
// has several lists asks one process.
import { createInterface } from 'node:readline'
import validate from '@secvisogram/csaf-validator-lib/validate.js'

const library = '@secvisogram/csaf-validator-lib'
const named = process.argv.slice(2)

async function wanted() {
  if (named.length > 0) {
    const modules = named.map((name) => import(`${library}/lib/optionalTests/${name}.js`))
    return (await Promise.all(modules)).map((module) => module.default)
  }
  const mandatory = await import(`${library}/mandatoryTests.js`)
  const { csaf_2_0 } = await import(`${library}/schemaTests.js`)
  return [csaf_2_0, ...Object.values(mandatory)]
}

const tests = await wanted()
for await (const line of createInterface({ input: process.stdin })) {
  const found = []
  for (const document of JSON.parse(line)) {
    const result = await validate(tests, document)
    // What an optional test finds is a warning, and its document is valid.
    const failed = result.tests.filter((test) => !test.isValid || (named.length > 0 && test.warnings.length > 0))
    found.push(failed.map((test) => test.name))
  }
  console.log(JSON.stringify(found))
}
