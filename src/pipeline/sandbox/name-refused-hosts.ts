import type { RefusedHost, Sandbox } from '../../sandbox/sandbox.ts'
import type { Journal } from '../journal.ts'

/** Code in the sandbox chooses the names, so it could fill a run with them. */
const MOST = 10

/**
 * A sandbox whose run says which hosts its commands could not reach: each once per run, whatever step ran the command.
 *
 * @param journal `events` has the notices of earlier attempts.
 */
export function nameRefusedHosts(sandbox: Sandbox, journal: Pick<Journal, 'notice' | 'events'>): Sandbox {
  let seen = 0
  async function nameNew(): Promise<void> {
    const refused = sandbox.refusedHosts?.() ?? []
    if (refused.length === seen) return
    const fresh = refused.slice(seen)
    seen = refused.length
    const events = await journal.events()
    const said = new Set(events.flatMap((event) => (event.type === 'notice' ? [event.message] : [])))
    let count = [...said].filter((message) => message.includes(REFUSED)).length
    for (const message of fresh.map(sentence)) {
      if (said.has(message) || count >= MOST) continue
      said.add(message)
      count++
      journal.notice('warning', message)
    }
  }
  return {
    ...sandbox,
    async exec(command, options) {
      try {
        return await sandbox.exec(command, options)
      } finally {
        await nameNew()
      }
    },
  }
}

const REFUSED = '` was refused: '

function sentence({ host, reason }: RefusedHost): string {
  const why = {
    not_listed: 'add it to BACKSPACE_EGRESS if the project needs it.',
    not_https: 'it is reached by https only.',
    other_name: 'it was asked for inside a connection to another host.',
    no_address: 'it has no public address.',
    no_answer: 'it did not answer.',
  }[reason]
  return `\`${host}${REFUSED}${why}`
}
