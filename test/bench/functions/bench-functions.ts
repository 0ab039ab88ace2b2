import type { ReceivedFrame } from '../../../src/commands/terminal/run/received-frame.ts'
import { runFrames } from '../../../src/commands/terminal/run/run-frames.ts'
import { API_TOKEN, buildFunction, callAsClock, openFunctionWorld } from '../../deploy/function-world.ts'
import type { RecordedRequest, Step } from '../../stand-ins/models/script.ts'
import { startPostgres } from '../../support/postgres.ts'
import { createGreeter, eventually, FIX_GREETER } from '../../support/start-world.ts'
import type { BenchOptions } from '../bench-options.ts'
import { type BenchResult, type Measurement, percentile } from '../measurement.ts'

/** The run is as long as these: 28 minutes where a call may take five, since a run may take 30. */
const CALLS = 5.6
const TURNS = 60
const QUICK_TURNS = 20

/** A run on functions that takes longer than one call of them may: how it goes on from call to call. */
export async function benchFunctions({ quick, seconds }: BenchOptions): Promise<BenchResult> {
  const turns = quick ? QUICK_TURNS : TURNS
  const pauseSeconds = (seconds * CALLS) / TURNS
  const built = await buildFunction({ seconds, cron: undefined })
  const script = async (request: RecordedRequest) => stepOf(request, { turns, pauseSeconds })
  const postgres = await startPostgres()
  const databaseUrl = await postgres.createDatabase()
  const world = await openFunctionWorld({ built, databaseUrl, seconds, workers: 1, anthropic: script })
  // As often as the host's clock would call, on this scale.
  const clock = setInterval(() => void callAsClock(world.host).catch(() => undefined), seconds * 200)
  try {
    const { github, host, db } = world
    const repo = await createGreeter(github)
    const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello, nobody' })
    await github.comment({ repo, number, author: 'ada', body: '/backspace make the failing test pass' })
    const newest = db.sql.selectFrom('runs').select('id')
    const { id } = await eventually(() => newest.executeTakeFirst())
    const frames = await Array.fromAsync(runFrames(`${host.url}/runs/${id}/events`, { token: API_TOKEN }))
    const run = await db.sql
      .selectFrom('runs')
      .select(['attempt', 'losses', 'status'])
      .executeTakeFirstOrThrow()
    const variant = `calls of ${seconds} s`
    const count = (name: string, value: number, target?: number): Measurement => ({
      name,
      variant,
      value,
      unit: 'count',
      ...(target === undefined ? {} : { target }),
    })
    const gaps = handOversIn(frames)
    const figure = (name: string, value: number): Measurement => ({ name, variant, value, unit: 's' })
    return {
      leftOut: [],
      measurements: [
        figure('run, from its start to its end', secondsOf(frames.at(-1)) - secondsOf(frames[0])),
        count('pieces', run.attempt),
        count('pieces that were killed', run.losses, 0),
        figure('from one piece to the next, median', percentile(gaps, 0.5)),
        figure('from one piece to the next, longest', Math.max(...gaps)),
        count('processes of the function', host.starts()),
        count('pull requests beyond one', github.pullRequests(repo).length - 1, 0),
        count('frames lost or repeated', frames.filter(({ seq }, index) => seq !== index + 1).length, 0),
      ],
    }
  } finally {
    clearInterval(clock)
    await world.close()
    await postgres.stop()
    await built.remove()
  }
}

/** Works for as long as it should, then corrects the greeter. */
function stepOf(
  { body }: RecordedRequest,
  { turns, pauseSeconds }: { readonly turns: number; readonly pauseSeconds: number },
): Step {
  const done = body.messages.filter(({ role }: { role: string }) => role === 'assistant').length
  if (done >= turns) return FIX_GREETER[done - turns] ?? FIX_GREETER[3]
  return {
    calls: [{ name: 'bash', args: { command: `sleep ${pauseSeconds}; echo part ${done + 1} of ${turns}` } }],
  }
}

const secondsOf = (frame: ReceivedFrame | undefined) => Date.parse(String(frame?.at)) / 1000

/** From the last thing that one worker stored to the start of the next. */
function handOversIn(frames: readonly ReceivedFrame[]): number[] {
  return frames.flatMap((frame, index) => {
    const isNext = 'attempt' in frame && Number(frame.attempt) > 1
    return isNext ? [secondsOf(frame) - secondsOf(frames[index - 1])] : []
  })
}
