import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import type { OperatorPause } from '../runs/pause/operator-pause.ts'
import { WrongUsage } from './terminal/run/wrong-usage.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'
import { withOffice } from './terminal/service/with-office.ts'

const USAGE = `npm run pause -- on "REASON" [--now]   stops runs from starting
npm run pause -- off                   lets runs start again, in their order
npm run pause -- status                says whether there is a pause, and why

  --now  also stops the runs that are running; without it, they continue to their end

  Backspace still accepts requests: their runs wait, and their threads and pages show the reason. The pause takes effect at once,
  in every process on this database, until you switch it off. With PGlite, run this as the same user and with the same DATA_DIR.`

async function pause(args: readonly string[]): Promise<void> {
  const options = { now: { type: 'boolean', default: false } } as const
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const [action, reason, ...more] = positionals
  if (action === 'on' && reason !== undefined && more.length === 0) {
    const order = { reason, stopRunning: values.now }
    const begun = await withOffice(readConfig(), ({ pauses }) => pauses.begin(order))
    say(`${describe(begun)}\n\`npm run pause -- off\` ends the pause.`)
  } else if (action === 'off' && reason === undefined && !values.now) {
    const ended = await withOffice(readConfig(), ({ pauses }) => pauses.end())
    say(ended ? `The pause is over: ${ended.reason}. Runs start again.` : 'There was no pause.')
  } else if (action === 'status' && reason === undefined && !values.now) {
    const now = await withOffice(readConfig(), ({ pauses }) => pauses.read())
    say(now ? describe(now) : 'There is no pause: runs start as usual.')
  } else {
    throw new WrongUsage(
      action === 'on'
        ? 'Write one reason behind `on`, in quotes: the people whose runs wait will read it.'
        : 'Write `on` with a reason, `off` or `status`, and nothing else.',
    )
  }
}

function describe({ reason, stopRunning, at }: OperatorPause): string {
  const working = stopRunning ? 'Running runs are stopped.' : 'Running runs continue to their end.'
  return `Paused since ${at.toISOString()}: ${reason}. No run starts. ${working}`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

await runFromTerminal(USAGE, pause)
