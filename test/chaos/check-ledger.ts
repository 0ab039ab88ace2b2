import { type RunFacts, tagOf } from './run-facts.ts'
import type { Violation } from './tally.ts'

const TERMINAL: readonly string[] = ['run.succeeded', 'run.failed', 'run.cancelled']

const isEnd = ({ type }: { readonly type: string }) => TERMINAL.includes(type)

/** Deaths of its worker after which a run is given up. */
const MOST_LOSSES = 3

/** What the database says about runs that all should have ended. */
export function checkLedger(runs: readonly RunFacts[], askedTags: readonly string[]): readonly Violation[] {
  return [
    ...runs.flatMap((run) => [...endOf(run), ...numbersOf(run), ...reasonOf(run)]),
    ...oneRunEach(runs, askedTags),
    ...threadOrder(runs),
  ]
}

/** That it agrees with the row is checked at every moment: `checkEndings`. */
function endOf({ id: runId, status, attempt, finishedAt, events }: RunFacts): Violation[] {
  if (finishedAt === null) {
    return [{ kind: 'not ended', runId, message: `is still ${status} (attempt ${attempt})` }]
  }
  const ends = events.filter(isEnd).length
  if (ends !== 1) return [{ kind: 'ends', runId, message: `has ${ends} terminal events` }]
  const last = events.at(-1)
  return last && isEnd(last) ? [] : [{ kind: 'ends', runId, message: 'has events after its end' }]
}

function numbersOf({ id: runId, events, lastSeq }: RunFacts): Violation[] {
  const gap = events.findIndex(({ seq }, index) => seq !== index + 1)
  const stale = events.find(({ attempt }, index) => attempt < (events[index - 1]?.attempt ?? 0))
  return [
    ...(gap >= 0 ? [{ kind: 'event numbers', runId, message: `event ${gap + 1} is missing` }] : []),
    ...(lastSeq === events.length
      ? []
      : [{ kind: 'event numbers', runId, message: `has ${events.length} events and counts ${lastSeq}` }]),
    ...(stale
      ? [
          {
            kind: 'fence',
            runId,
            message: `attempt ${stale.attempt} wrote event ${stale.seq} after a later one`,
          },
        ]
      : []),
  ]
}

/** Faults may make a run fail, but always for a reason that people can act on. */
function reasonOf({ id: runId, ending, losses }: RunFacts): Violation[] {
  if (ending?.code === 'internal') return [{ kind: 'internal error', runId, message: ending.message }]
  if (ending?.code === 'worker_lost' && losses < MOST_LOSSES) {
    return [{ kind: 'given up', runId, message: `was given up after ${losses} losses` }]
  }
  return []
}

function oneRunEach(runs: readonly RunFacts[], askedTags: readonly string[]): Violation[] {
  const byTag = Map.groupBy(runs, ({ request }) => tagOf(request) ?? 'no tag')
  const lost = askedTags.filter((tag) => !byTag.has(tag))
  return [
    ...lost.map((tag) => ({ kind: 'lost', message: `${tag} was asked for and has no run` })),
    ...[...byTag].flatMap(([tag, same]) => {
      const ids = same.map(({ id }) => id).join(', ')
      if (!askedTags.includes(tag)) return [{ kind: 'unasked', message: `nobody asked for ${tag}: ${ids}` }]
      return same.length > 1 ? [{ kind: 'doubled', message: `${tag} has ${same.length} runs: ${ids}` }] : []
    }),
  ]
}

/** Requests of one thread are carried out one after the other. */
function threadOrder(runs: readonly RunFacts[]): Violation[] {
  const threads = Map.groupBy(runs, ({ repository, request, id }) =>
    request.thread ? `${repository}#${request.thread.number}` : id,
  )
  return [...threads.values()].flatMap((thread) =>
    thread.flatMap((run, index) => {
      const before = thread[index - 1]?.events.find(isEnd)
      const start = run.events.find(({ type }) => type === 'run.started')
      if (!before || !start || start.at >= before.at) return []
      return [{ kind: 'thread order', runId: run.id, message: 'began before the run before it had ended' }]
    }),
  )
}
