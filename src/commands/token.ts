import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import { counted } from '../text/amounts.ts'
import { problemOf } from '../web/access/credentials.ts'
import type { StoredToken } from '../web/access/token-store.ts'
import { WrongUsage } from './terminal/run/wrong-usage.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'
import { readNewToken } from './terminal/service/new-token.ts'
import { withOffice } from './terminal/service/with-office.ts'

const USAGE = `npm run token -- create --name NAME --repositories PATTERNS [options]
npm run token -- list
npm run token -- revoke NAME

  --repositories  comma-separated: acme/greeter, acme/* or * for all
  --rights        start,read by default; metrics opens /metrics
  --owner         GitHub login of the person who uses it: the token then allows no more than GitHub allows that person
  --expires       90d by default; a number of days (30d), a date (2027-01-31) or never
  --rate          runs per hour; by default BACKSPACE_RUNS_PER_HOUR

  A token is shown once: only its hash is stored. Revoking a token takes effect with its next request.
  This works whether or not Backspace is running. With PGlite, run it as the same user and with the same DATA_DIR.`

const OPTIONS = {
  name: { type: 'string' },
  repositories: { type: 'string' },
  rights: { type: 'string' },
  owner: { type: 'string' },
  expires: { type: 'string' },
  rate: { type: 'string' },
} as const

async function token(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  const [action, which, ...more] = positionals
  const config = readConfig()
  if (action === 'create' && which === undefined) {
    const taken = config.web.apiTokens.map(({ name }) => name)
    const wanted = readNewToken(values, { taken, now: new Date() })
    const { text, token: made } = await withOffice(config, ({ tokens }) => tokens.create(wanted))
    process.stderr.write(`${describeToken(made, new Date())}\n\nThe token, which is not shown again:\n`)
    process.stdout.write(`${text}\n`)
  } else if (action === 'list' && which === undefined) {
    const tokens = await withOffice(config, ({ tokens }) => tokens.list())
    for (const each of tokens) process.stdout.write(`${describeToken(each, new Date())}\n`)
    if (tokens.length === 0)
      process.stdout.write('There are no API tokens. `npm run token -- create` makes one.\n')
  } else if (action === 'revoke' && which !== undefined && more.length === 0) {
    const { name } = await withOffice(config, ({ tokens }) => tokens.revoke(which))
    process.stdout.write(`${name} is revoked and no longer works.\n`)
  } else {
    throw new WrongUsage('Write `create`, `list`, or `revoke` with one token.')
  }
}

/** An API token in two lines: what it allows, and whether it works. */
function describeToken(token: StoredToken, now: Date): string {
  const { id, name, owner, repositories, rights, runsPerHour, expiresAt, lastUsedAt, createdAt } = token
  const rate = runsPerHour === null ? '' : `, up to ${counted(runsPerHour, 'run')} per hour`
  const person = owner === null ? '' : `, as ${owner}`
  const state =
    problemOf(token, now) === undefined
      ? expiresAt === null
        ? 'never expires'
        : `expires on ${day(expiresAt)}`
      : token.revokedAt === null
        ? 'has expired'
        : `was revoked on ${day(token.revokedAt)}`
  const used = lastUsedAt === null ? 'never used' : `last used on ${day(lastUsedAt)}`
  return `${name} (${id}): ${rights.join(', ')} on ${repositories.join(', ')}${person}${rate}
  made on ${day(createdAt)}, ${state}, ${used}`
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}

await runFromTerminal(USAGE, token)
