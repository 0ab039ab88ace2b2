import { parseArgs } from 'node:util'
import { personalEnvironment } from '../config.ts'
import { readClientSettings } from '../settings/read-client.ts'
import { EXIT, exitCodeOfError } from './terminal/run/exit-codes.ts'
import { showRun } from './terminal/run/show-run.ts'
import { onlyArgument, WrongUsage } from './terminal/run/wrong-usage.ts'
import { tokenFor } from './terminal/service/find-service.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'

const USAGE = `Usage:
  npm run watch -- <address of a run>     shows the run in the terminal until it ends

  The address is that of the run's page: https://backspace.example/runs/<id>
  --json prints the frames of the run, one JSON object per line.

The exit codes are those of npm run code.`

/**
 * Shows a run of any Backspace that this machine can reach. The credential is BACKSPACE_TOKEN; without it, for the
 * Backspace of these settings, one of API_TOKENS.
 */
async function watch(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  })
  const address = onlyArgument(positionals, 'Name a run by the address of its page.')
  if (!isWebAddress(address)) throw new WrongUsage(`${address} is not an address that begins with https://.`)
  const runUrl = address.replace(/[?#].*$/, '').replace(/\/(events)?$/, '')
  const token = tokenFor(runUrl, readClientSettings(personalEnvironment()))
  const { stdout, stderr } = process
  return await showRun(
    { runUrl, token },
    { output: stdout, words: values.json ? stderr : stdout, json: values.json },
  )
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

// A reader such as `head` closes the pipe when it has enough: `npm run --silent code -- … --json | head`.
process.stdout.on('error', () => process.exit(EXIT.detached))
await runFromTerminal(USAGE, watch, exitCodeOfError)
process.exit()
