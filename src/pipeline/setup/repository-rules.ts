import type { OperatorMinutes } from '../../checks/command-limits.ts'
import { isEcosystemFile } from '../../checks/ecosystem-hosts.ts'
import type { RepoEnvironment } from '../../checks/environment/environment.ts'
import { type OperatorEgress, openHosts } from '../../checks/environment/open-hosts.ts'
import { isOthers } from '../../checks/plans/own-folders.ts'
import type { CommitTexts } from '../../github/commit-texts.ts'
import type { TreeListing } from '../../github/commits.ts'
import { isSetupFile } from '../../setup-cache/setup-key.ts'
import type { ReadOwnerDefaults } from './owner-defaults.ts'

/** What a repository may decide about its sandbox, and where its owner says it for all repositories. */
export interface RepositoryRules {
  readonly egress: OperatorEgress
  /** E2B templates that a repository may choose; none for other sandboxes. */
  readonly templates: readonly string[]
  /** For the commands of a repository, and for the run itself. */
  readonly minutes: { readonly commands: OperatorMinutes; readonly run: number }
  readonly readOwnerDefaults: ReadOwnerDefaults
  /** Of the run. */
  readonly texts: Pick<CommitTexts, 'read'>
}

/** As deep as projects are detected. */
const NEAR = /^(?:[^/]+\/){0,8}[^/]+$/

/** The rules for one commit, whose ecosystems open their hosts: known before there is a sandbox, so no request is needed. */
export function rulesFor(rules: RepositoryRules, { entries }: Pick<TreeListing, 'entries'>): RepositoryRules {
  const paths = entries.map(({ path }) => path).filter(isEcosystemFile)
  const files = paths.filter((path) => NEAR.test(path) && !isOthers(path))
  const { policy } = openHosts(rules.egress, { files, asked: [], source: '' })
  return { ...rules, egress: { ...rules.egress, hosts: policy.allowHosts } }
}

/** The files that say what a sandbox needs: all that `rulesFor` and the setup cache look at. */
export function tellingFiles({ entries, truncated }: TreeListing): TreeListing {
  return { entries: entries.filter(({ path }) => isEcosystemFile(path) || isSetupFile(path)), truncated }
}

/**
 * What a run stored of its environment. `createReadySandbox` is the only writer; runs of older versions have none.
 */
export function storedEnvironment(known: unknown, { egress }: RepositoryRules): RepoEnvironment {
  const none = { variables: {}, path: [], egress: { allowHosts: egress.hosts }, services: [], unmet: [] }
  return known === undefined ? none : (known as RepoEnvironment)
}
