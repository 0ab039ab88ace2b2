import { expect } from 'vitest'
import { BREAK_TIMES, FIX_ADD, RED } from './javascript-project.ts'
import type { OracleCase } from './oracle-case.ts'

const NPM = { '.github/backspace.yml': 'checks: npm test\n' }
/** Nothing that could have failed has run: that is no proof. */
const SILENT = { draft: true, line: expect.not.stringMatching(/^(?:The check passes|Fixes)/) } as const

/** The change itself keeps the tests from running, or from being heard. */
export const SILENCED: readonly OracleCase[] = [
  {
    name: 'the script of the tests does nothing',
    files: NPM,
    work: `${BREAK_TIMES}\nsed -i 's/node --test/true/' package.json`,
    says: SILENT,
  },
  {
    name: 'the script of the tests does nothing, where the base is red',
    quick: true,
    files: { ...NPM, ...RED },
    work: `${BREAK_TIMES}\nsed -i 's/node --test/true/' package.json`,
    says: SILENT,
  },
  {
    name: 'the script of the tests hides their exit code',
    quick: true,
    files: NPM,
    work: `${BREAK_TIMES}\nsed -i 's/node --test/node --test || true/' package.json`,
    says: { missing: ['times'], ...SILENT },
  },
  {
    name: 'npm of this repository runs scripts by another shell',
    files: NPM,
    work: `${BREAK_TIMES}\necho script-shell=/bin/true > .npmrc`,
    says: SILENT,
  },
  {
    name: 'a test file ends before its tests',
    quick: true,
    work: `${BREAK_TIMES}\nsed -i '1i process.exit(0)' test/sums.test.js`,
    says: { missing: ['times'], ...SILENT },
  },
  {
    name: 'source that ends the process',
    work: `${BREAK_TIMES}\nsed -i '1i process.exit(0)' src/sums.js`,
    says: { missing: ['times'], ...SILENT },
  },
  {
    name: 'source that changes how tests compare',
    work: `${BREAK_TIMES}\nsed -i '1i import assert from "node:assert"; assert.equal = () => {}' src/sums.js`,
    says: {},
  },
  {
    name: 'attributes of git',
    quick: true,
    work: `${BREAK_TIMES}\nprintf '*.js text eol=crlf filter=x ident export-ignore\\n' > .gitattributes`,
    says: { checks: ['newly_failing'], newlyFailing: ['times'], draft: true, conclusion: 'failure' },
  },
  {
    name: 'a repository inside the repository',
    work: `mkdir lib; (cd lib; git init -q .; echo 'export const add = (a, b) => a + b' > add.js; git add .; git -c user.name=a -c user.email=a@b.c commit -qm x)
sed -i '1i export * from "../lib/add.js"' src/sums.js; sed -i 's/export function add/function minus/' src/sums.js`,
    says: { draft: true },
  },
  {
    name: 'a report of its own',
    quick: true,
    work: `${FIX_ADD}\n${BREAK_TIMES}
cat > test/forge.test.js <<'END'
import * as fs from 'node:fs'
for (const folder of fs.readdirSync('/tmp').filter((name) => name.startsWith('test-reports-')))
  for (const file of fs.readdirSync('/tmp/' + folder)) fs.writeFileSync('/tmp/' + folder + '/' + file, 'TAP version 13\\nok 1 - times\\n1..1\\n')
END`,
    says: { checks: ['newly_failing'], draft: true, conclusion: 'failure' },
  },
]
