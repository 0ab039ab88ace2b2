import { howToOpen, type OperatorEgress } from '../../checks/environment/open-hosts.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import { isHostAllowed } from '../../sandbox/egress/allowed-hosts.ts'
import { HIDDEN_NAME, type RefusedHost } from '../../sandbox/refused-host.ts'
import { type EgressPolicy, type ExecResult, hostsOf, type Sandbox } from '../../sandbox/sandbox.ts'
import type { Journal } from '../journal.ts'
import { lastLines } from './last-lines.ts'

/** The most hosts that are named in a run, since code in the sandbox chooses the names and could flood the run. */
const MOST = 10

interface NamingParts {
  /** Its `events` include the notices of earlier attempts. */
  readonly journal: Pick<Journal, 'notice' | 'events'>
  readonly operator: OperatorEgress
  /** The egress policy with which the sandbox starts. */
  readonly egress: EgressPolicy
}

/**
 * Wraps a sandbox so that notices name the hosts that its commands could not reach, and the setting that opens them. Each
 * host is named once per run. If the sandbox does not report refused hosts, the output of failed commands is searched.
 */
export function nameRefusedHosts(sandbox: Sandbox, { journal, operator, egress }: NamingParts): Sandbox {
  let seen = 0
  let open = hostsOf(egress)

  function refusedSince(result: ExecResult | undefined): readonly RefusedHost[] {
    if (sandbox.refusedHosts) {
      const fresh = sandbox.refusedHosts().slice(seen)
      seen += fresh.length
      return fresh.filter(({ host }) => isWorthNaming(host, result))
    }
    if (result === undefined || result.exitCode === 0) return []
    return hostsNotReached(`${result.stdout}\n${result.stderr}`)
      .filter((host) => !isHostAllowed(host, open))
      .map((host) => ({ host, reason: 'not_listed' }))
  }

  async function nameNew(result: ExecResult | undefined): Promise<void> {
    const fresh = refusedSince(result)
    if (fresh.length === 0) return
    const events = await journal.events()
    const said = new Set(refusedIn(events))
    let count = said.size
    for (const message of fresh.map((refused) => sentence(refused, operator))) {
      if (said.has(message) || count >= MOST) continue
      said.add(message)
      count++
      journal.notice('warning', message)
    }
  }

  return {
    ...sandbox,
    async exec(command, options) {
      let result: ExecResult | undefined
      try {
        result = await sandbox.exec(command, options)
        return result
      } finally {
        await nameNew(result)
      }
    },
    async setEgress(policy) {
      await sandbox.setEgress(policy)
      open = hostsOf(policy)
    },
  }
}

/**
 * A name without a dot is one that tests make up, or a server of the operator's network, and a command that needs that one
 * fails. All others are named, since they may be where someone wanted code or secrets to go.
 */
function isWorthNaming(host: string, result: ExecResult | undefined): boolean {
  return host.includes('.') || result?.exitCode !== 0
}

/** The notices about refused hosts in a run so far, for the reviewer of its change. */
export function refusedIn(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'notice' && event.message.includes(REFUSED) ? [event.message] : [],
  )
}

const REFUSED = '` was refused: '

function sentence({ host, reason }: RefusedHost, operator: OperatorEgress): string {
  const why = {
    not_listed: `it is not open. ${howToOpen(host, operator)}`,
    not_https: 'only https connections to it are allowed.',
    other_name: 'it was asked for inside a connection to another host.',
    hidden_name: HIDDEN_NAME,
    no_address: 'it has no public address.',
    no_answer: 'it did not answer.',
  }[reason]
  return `\`${host}${REFUSED}${why}`
}

/** Lines that package managers, curl and git print when a host cannot be reached. */
const FAILURE =
  /could not resolve|couldn't resolve|name or service not known|temporary failure in name resolution|enotfound|eai_again|econnreset|econnrefused|etimedout|timed out|connection (?:reset|refused|aborted)|failed to connect|unable to access|unknownhostexception|no such host|tls (?:handshake|connect)|ssl_(?:connect|error)|network socket disconnected|max retries exceeded|failed to (?:download|fetch)|could not (?:get|head|download|fetch)|request to \S+ failed/i
/** Finds the host in such a line. */
const NAMES = [
  /https?:\/\/([a-z0-9.-]{3,253})/gi,
  /\bhost='([a-z0-9.-]{3,253})'/gi,
  /\b(?:resolve(?: host)?|ENOTFOUND|EAI_AGAIN|lookup|connect to|UnknownHostException):? ([a-z0-9.-]{3,253})/gi,
]
const MAX_HOSTS = 20

/**
 * Finds the hosts that a failed command says it could not reach. The text is untrusted, so the result is only a hint for
 * people.
 *
 * @returns each host once, in lower case.
 */
export function hostsNotReached(output: string): readonly string[] {
  const found = lastLines(output)
    .filter((line) => FAILURE.test(line))
    .flatMap((line) => NAMES.flatMap((pattern) => [...line.matchAll(pattern)].map(([, host = '']) => host)))
    .map((host) => host.toLowerCase().replace(/[.-]+$/, ''))
    .filter((host) => /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*\.[a-z]{2,}$/.test(host))
  return [...new Set(found)].slice(0, MAX_HOSTS)
}
