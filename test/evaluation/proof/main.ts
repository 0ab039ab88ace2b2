import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startVitest } from 'vitest/node'
import { KITS } from './kits.ts'
import { OracleTable } from './oracle-table.ts'
import { prepareKits } from './prepare-kits.ts'

const USAGE = `npm run oracles [-- [--language <name>] [--sandbox local|e2b] [--case <name>] [--kits <folder>]]

Carries changes whose true verdict is known, honest and forged ones, through the whole pipeline, in each language and each
sandbox, and prints what was said of each. Everything runs on this machine; E2B is played by a stand-in. A language takes
about ten minutes in one sandbox. Exit code 1 if a verdict is wrong.

--language and --case take a part of a name.
--kits     where to keep what the projects need (npm packages, Maven's repository, Go's build cache); made if it is not there.
           Outside of homes and of /tmp, which local sandboxes do not see. Default: /opt/backspace-oracles`

const FILE = 'test/evaluation/proof/oracles.test.ts'

async function main(): Promise<number> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: { help: { type: 'boolean' }, language: text, sandbox: text, case: text, kits: text },
  })
  if (values.help) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const { language = '', sandbox = '', case: name = '', kits = '/opt/backspace-oracles' } = values
  process.env.PATH = `${join(kits, 'bin')}:${process.env.PATH ?? ''}`
  Object.assign(process.env, await prepareKits(kits, KITS), {
    // Names of tests are cut off, so these are no pattern for them.
    ORACLES: JSON.stringify({ language, sandbox, name }),
  })
  const vitest = await startVitest('test', [FILE], {
    watch: false,
    maxWorkers: 1,
    testTimeout: 15 * 60_000,
    reporters: [new OracleTable()],
  })
  await vitest.close()
  return process.exitCode === undefined ? 0 : Number(process.exitCode)
}

process.exitCode = await main()
