import { parseArgs } from 'node:util'
import { personalEnvironment } from '../config.ts'
import { readClientSettings } from '../settings/read-client.ts'
import { EXIT, exitCodeOfError } from './terminal/run/exit-codes.ts'
import { findService } from './terminal/service/find-service.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'
import { readInterval, showService } from './terminal/service/show-service.ts'

const USAGE = `Usage:
  npm run monitor           shows the Backspace of this machine, and refreshes until Ctrl-C

  --url <address>           a Backspace elsewhere; default: BACKSPACE_URL, else the one on this machine
  --token-file <file>       a file with its API token; default: BACKSPACE_TOKEN
  --repository <owner/name> shows figures of this repository alone
  --every <seconds>         how often it refreshes, 1 to 3600; default 3
  --json                    prints the figures once, as one JSON object

Without a terminal, it prints the figures once.`

async function monitor(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      'token-file': { type: 'string' },
      repository: { type: 'string' },
      every: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  })
  const { stdout, stderr } = process
  const env = personalEnvironment()
  // npm runs scripts in the package's folder, so the person's own folder comes from INIT_CWD.
  const from = env.INIT_CWD ?? process.cwd()
  const choice = { url: values.url, tokenFile: values['token-file'], from }
  const service = findService(readClientSettings(env), choice)
  const left = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => left.abort())
  await showService(service, {
    output: stdout,
    words: stderr,
    repository: values.repository,
    everyMs: readInterval(values.every),
    json: values.json,
    left: left.signal,
  })
  return EXIT.done
}

await runFromTerminal(USAGE, monitor, exitCodeOfError)
process.exit()
