import { z } from 'zod'
import { readConfig } from '../config.ts'
import { explainFailure } from './terminal/explain-failure.ts'
import { followRun } from './terminal/follow-run.ts'
import { endOf } from './terminal/received-frame.ts'

const USAGE = `npm run watch -- <address of a run>     shows the run in the terminal until it ends

  The address is the one of the run's page: https://backspace.example/runs/<id>`

/** Shows a run of any Backspace that this machine can reach, with BACKSPACE_TOKEN or the first of API_TOKENS as credential. */
async function watch(address: string | undefined): Promise<number> {
  if (address === undefined || !isWebAddress(address)) {
    process.stderr.write(`${USAGE}\n`)
    return 1
  }
  const { ownToken, apiTokens } = readConfig().web
  const eventsUrl = `${address.replace(/[?#].*$/, '').replace(/\/(events)?$/, '')}/events`
  const token = ownToken ?? apiTokens[0]?.token
  const last = await followRun(eventsUrl, { output: process.stdout, token })
  const receipt = await receiptOf(eventsUrl.replace(/\/events$/, ''), token)
  if (receipt !== undefined) process.stdout.write(`  Signed receipt: npm run verify -- ${receipt}\n`)
  return endOf(last) === 'success' ? 0 : 1
}

/** The address of the receipt of a run; undefined if it has none, or the service does not answer. */
async function receiptOf(runUrl: string, token: string | undefined): Promise<string | undefined> {
  const headers = new Headers({ accept: 'application/json' })
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  const response = await fetch(runUrl, { headers, signal: AbortSignal.timeout(10_000) }).catch(
    () => undefined,
  )
  const run: unknown = response?.ok ? await response.json().catch(() => undefined) : undefined
  const found = z.object({ receiptUrl: z.url({ protocol: /^https?$/ }) }).safeParse(run)
  return found.data?.receiptUrl
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

watch(process.argv.at(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${explainFailure(error, USAGE)}\n`)
    process.exit(1)
  },
)
