import type { OperatorMinutes } from '../../checks/command-limits.ts'
import { isEcosystemFile } from '../../checks/ecosystem-hosts.ts'
import type { RepoEnvironment } from '../../checks/environment/environment.ts'
import { type OperatorEgress, openHosts } from '../../checks/environment/open-hosts.ts'
import { isOthers } from '../../checks/plans/own-folders.ts'
import type { CommitTexts } from '../../github/commit-texts.ts'
import type { TreeListing } from '../../github/commits.ts'
import { isSetupFile } from '../../setup-cache/setup-key.ts'
import type { ReadOwnerDefaults } from './owner-defaults.ts'

/** What a repository may decide about its sandbox, and how the defaults of its owner are read. */
export interface RepositoryRules {
  readonly egress: OperatorEgress
  /** E2B templates that a repository may choose; empty for other sandboxes. */
  readonly templates: readonly string[]
  /** Minutes for the commands of a repository, and for the run itself. */
  readonly minutes: { readonly commands: OperatorMinutes; readonly run: number }
  readonly readOwnerDefaults: ReadOwnerDefaults
  /** Reads files of commits for the run. */
  readonly texts: Pick<CommitTexts, 'read'>
}

/** Paths that are no deeper than the projects that are detected. */
const NEAR = /^(?:[^/]+\/){0,8}[^/]+$/

/** The rules for one commit, with the hosts that its ecosystems open. The list of files suffices, so no sandbox is needed. */
export function rulesFor(rules: RepositoryRules, { entries }: Pick<TreeListing, 'entries'>): RepositoryRules {
  const paths = entries.map(({ path }) => path).filter(isEcosystemFile)
  const files = paths.filter((path) => NEAR.test(path) && !isOthers(path))
  const { policy } = openHosts(rules.egress, { files, asked: [], source: '' })
  return { ...rules, egress: { ...rules.egress, hosts: policy.allowHosts } }
}

/** The files that determine what a sandbox needs: those that `rulesFor` and the setup cache look at. */
export function tellingFiles({ entries, truncated }: TreeListing): TreeListing {
  return { entries: entries.filter(({ path }) => isEcosystemFile(path) || isSetupFile(path)), truncated }
}

/** The environment that a run stored. `createReadySandbox` is the only writer; runs of older versions have none. */
export function storedEnvironment(known: unknown, { egress }: RepositoryRules): RepoEnvironment {
  const none = { variables: {}, path: [], egress: { allowHosts: egress.hosts }, services: [], unmet: [] }
  return known === undefined ? none : (known as RepoEnvironment)
}
