import { isHostAllowed } from '../../sandbox/egress/allowed-hosts.ts'
import type { EgressPolicy } from '../../sandbox/sandbox.ts'
import { ECOSYSTEMS, ecosystemsOf } from '../ecosystem-hosts.ts'

/** The hosts that the operator lets sandboxes reach: names and patterns, as in `EgressPolicy.allowHosts`. */
export interface OperatorEgress {
  /** Hosts that are open for every repository. */
  readonly hosts: readonly string[]
  /** Whether the registries of a repository's ecosystems are opened for it. */
  readonly ecosystems: boolean
  /** Hosts that a repository may open for itself with `egress`. */
  readonly repositories: readonly string[]
}

/** The hosts that are open for one repository. */
export interface OpenHosts {
  readonly policy: EgressPolicy
  /** One sentence on hosts that were opened beyond the operator's list; empty if there are none. */
  readonly opened: string
  /** Sentences on hosts that the operator does not allow. */
  readonly refused: readonly string[]
}

/**
 * Decides which hosts a repository's sandbox may reach.
 *
 * @param files paths of the base commit, by which the ecosystems are known.
 * @param asked the hosts under `egress` in the settings file `source`.
 */
export function openHosts(
  operator: OperatorEgress,
  {
    files,
    asked,
    source,
  }: { readonly files: Iterable<string>; readonly asked: readonly string[]; readonly source: string },
): OpenHosts {
  const isOpen = (host: string) => covers(operator.hosts, host)
  const ecosystems = operator.ecosystems ? ecosystemsOf(files) : []
  const needed = ecosystems.filter(({ hosts }) => !hosts.every(isOpen))
  const own = asked.filter((host) => !isOpen(host))
  const allowed = own.filter((host) => mayOpen(host, operator))
  const names = [
    ...needed.map(({ name, hosts }) => `${name}: ${hosts.filter((host) => !isOpen(host)).join(', ')}`),
    ...(allowed.length === 0 ? [] : [`\`${source}\`: ${allowed.join(', ')}`]),
  ]
  return {
    policy: {
      allowHosts: [...new Set([...operator.hosts, ...needed.flatMap(({ hosts }) => hosts)])],
      // In `allowHosts`, these names could reach private addresses of the operator's network: here they only reach public ones.
      publicHosts: allowed,
    },
    opened: names.length === 0 ? '' : `The sandbox may also reach the hosts of ${names.join('; ')}.`,
    refused: own
      .filter((host) => !allowed.includes(host))
      .map(
        (host) =>
          `\`egress\` in \`${source}\`: \`${host}\` stays closed, since the operator of Backspace does not let repositories open it. The operator can, with \`BACKSPACE_REPOSITORY_EGRESS=${[...operator.repositories, host].join(',')}\`.`,
      ),
  }
}

/** Whether a repository may open this host for itself. */
function mayOpen(host: string, { ecosystems, repositories }: OperatorEgress): boolean {
  const known = ecosystems ? ECOSYSTEMS.flatMap(({ hosts }) => hosts) : []
  return covers([...known, ...repositories], host)
}

/** Whether the allowed names and patterns cover a host, or a pattern such as `*.example.org` as a whole. */
function covers(allowed: readonly string[], host: string): boolean {
  return host.startsWith('*.')
    ? allowed.some((one) => one.startsWith('*.') && `.${host.slice(2)}`.endsWith(one.slice(1).toLowerCase()))
    : isHostAllowed(host, allowed)
}

/** A sentence for people on how to open a host that was refused. */
export function howToOpen(host: string, operator: OperatorEgress): string {
  if (mayOpen(host, operator))
    return `If the project needs it, add \`egress: [${host}]\` to \`.github/backspace.yml\`.`
  const line = operator.ecosystems
    ? `set \`BACKSPACE_EGRESS=registries,${host}\``
    : `add \`,${host}\` to \`BACKSPACE_EGRESS\``
  return `If the project needs it, the operator of Backspace can ${line}.`
}
