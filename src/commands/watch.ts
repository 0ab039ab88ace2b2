import { readConfig } from '../config.ts'
import { knownError } from '../errors.ts'
import { createPaint } from './terminal/paint.ts'
import { runFrames } from './terminal/run-frames.ts'
import { createTerminalView } from './terminal/terminal-view.ts'

const USAGE = 'npm run watch -- <address of a run>     shows it in the terminal, to its end'

/** Follows a run of any Backspace that this machine may ask, with the first of its API_TOKENS. */
async function watch(address: string | undefined): Promise<number> {
  if (address === undefined || !URL.canParse(address)) {
    process.stderr.write(`${USAGE}\n`)
    return 1
  }
  const [apiToken] = readConfig().web.apiTokens
  const eventsUrl = `${address.replace(/\/(events)?$/, '')}/events`
  const show = createTerminalView(createPaint(process.stdout))
  let succeeded = false
  for await (const frame of runFrames(eventsUrl, apiToken ? { token: apiToken.token } : {})) {
    process.stdout.write(show(frame))
    succeeded = frame.type === 'success'
  }
  return succeeded ? 0 : 1
}

watch(process.argv.at(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const message = knownError(error)?.userMessage ?? (error instanceof Error ? error.message : String(error))
    process.stderr.write(`${message}\n`)
    process.exit(1)
  },
)
