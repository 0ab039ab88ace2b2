import { openDatabase } from '../../../src/db/open-database.ts'
import { migrate } from '../../../src/runs/store/migrate.ts'
import type { Measurement } from '../measurement.ts'
import { percentile } from '../measurement.ts'
import type { BenchSurroundings } from '../service/bench-surroundings.ts'
import { fillHistory, type History } from './fill-history.ts'
import { openPlace, type Place } from './history-place.ts'

interface HistoryContext {
  readonly createDatabase: () => Promise<string>
  readonly surroundings: BenchSurroundings
  readonly quick: boolean
}

/** As many as every list needs for a full page. */
const ALMOST_NONE: History = { runs: 600, eventsEach: 100 }
const MOST_RATIO = 1.5

/** How often each is measured, in turns with the other place, so that both have the same share of a busy machine. */
const QUESTIONS: Readonly<
  Record<string, { readonly times: number; readonly ask: (place: Place) => Promise<number> }>
> = {
  'start to listening': { times: 7, ask: (place) => place.start() },
  'list of runs': { times: 40, ask: (place) => place.get('/runs') },
  'list, failed': { times: 40, ask: (place) => place.get('/runs?status=failed') },
  'list, one repository': { times: 40, ask: (place) => place.get('/runs?repository=acme/r7') },
  'list, last page': { times: 40, ask: (place) => place.get(`/runs?before=${place.old[1]}`) },
  dashboard: { times: 40, ask: (place) => place.get('/', 'text/html') },
  'run page': { times: 40, ask: (place) => place.get(`/runs/${place.old[0]}`, 'text/html') },
  'a whole event stream': {
    times: 40,
    ask: (place) => place.get(`/runs/${place.old[0]}/events`, 'text/event-stream'),
  },
  'asked for to running': { times: 9, ask: (place) => place.run() },
  'retention, 20 runs of 100 events': { times: 7, ask: (place) => place.prune() },
  'takeover after kill -9': { times: 1, ask: (place) => place.takeOver() },
}

/** The same questions with next to nothing in the tables, and with a long history. */
export async function measureHistory(context: HistoryContext): Promise<readonly Measurement[]> {
  const { quick } = context
  const long = { runs: quick ? 2_000 : 100_000, eventsEach: 100 }
  const places = [await openFilled(ALMOST_NONE, context), await openFilled(long, context)] as const
  const found: Measurement[] = []
  const variants = places.map(({ runs }) => `${runs} runs`)
  try {
    for (const [name, { times, ask }] of Object.entries(QUESTIONS)) {
      process.stderr.write(`scale: ${name}\n`)
      const values: [number[], number[]] = [[], []]
      for (let n = 0; n < (quick ? Math.min(3, times) : times); n++) {
        for (const [index, place] of places.entries()) values[index]?.push(await ask(place))
      }
      const [few, many] = [percentile(values[0], 0.5), percentile(values[1], 0.5)]
      found.push(
        { name, variant: variants[0] ?? '', value: few, unit: 'ms' },
        { name, variant: variants[1] ?? '', value: many, unit: 'ms' },
        { name, variant: 'ratio', value: many / few, unit: 'count', target: MOST_RATIO },
      )
    }
    for (const [index, place] of places.entries()) {
      found.push({
        name: 'database',
        variant: variants[index] ?? '',
        value: await place.megabytes(),
        unit: 'MB',
      })
    }
    return found
  } finally {
    for (const place of places) await place.close()
  }
}

async function openFilled(history: History, { createDatabase, surroundings }: HistoryContext) {
  const url = await createDatabase()
  const db = await openDatabase({ url })
  await migrate(db)
  await db.close()
  process.stderr.write(`scale: ${history.runs} runs of ${history.eventsEach} events\n`)
  const old = await fillHistory(url, history)
  return { runs: history.runs, ...(await openPlace({ url, old, surroundings })) }
}
