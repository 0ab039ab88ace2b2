import { parseRepoSettings, type RepoSettings, SETTINGS_PATHS } from '../../checks/repo-settings.ts'
import { BackspaceError, knownError } from '../../errors.ts'
import type { CommitTexts } from '../../github/commit-texts.ts'
import { commitTitles } from '../../github/commit-titles.ts'
import type { TreeListing } from '../../github/commits.ts'
import { type CommunityFile, contributingIn, templateIn } from '../../github/community-files.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { type PushRules, readPushRules } from '../../github/push-rules.ts'
import type { Run } from '../../runs/run.ts'
import { isSettingsRun } from '../../runs/settings-request.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'
import type { ReadOwnerDefaults } from '../setup/owner-defaults.ts'
import type { Base } from '../workspace/workspace.ts'
import { type AiPolicy, findAiPolicy } from './ai-policy.ts'
import { ASKS } from './commitlint-rules.ts'
import { findAsks } from './contribution-asks.ts'
import { hintsFor } from './hints.ts'
import { type BranchPlan, planBranch, planCommits } from './plan-branch.ts'
import { findTitleRules, titleRuleFiles } from './title-rules.ts'
import { PLAIN_STYLE, type TitleStyle, titleStyleOf } from './title-style.ts'

/** How a repository wants contributions to look. It is read before the run costs anything. */
export interface Conventions {
  /** Prefix for the name of a new branch. */
  readonly prefix: string
  readonly title: TitleStyle
  /** Text of the pull request template; untrusted. */
  readonly template: string | undefined
  /** The demand to disclose the use of models; a ban ends the run instead. */
  readonly policy: AiPolicy | undefined
  /** Path of the file that asks for a sign-off of each commit, which only a person can give. */
  readonly signOff: string | undefined
  /** The repository's rules for pushes; undefined if there are none. */
  readonly pushRules: PushRules | undefined
  /** True if the base commit has settings for Backspace. */
  readonly hasSettings: boolean
  /** Sentences for the agent, in Backspace's own words. */
  readonly hints: readonly string[]
}

const NOTHING_KNOWN: Conventions = {
  prefix: 'backspace/',
  title: PLAIN_STYLE,
  template: undefined,
  policy: undefined,
  signOff: undefined,
  pushRules: undefined,
  hasSettings: false,
  hints: [],
}

interface StartingPoint {
  readonly access: RepositoryAccess
  readonly base: Base
  readonly baseTree: TreeListing
}

interface ConventionsParts {
  readonly run: Pick<Run, 'id' | 'request'>
  /** The operator's prefix for branches. Default: `backspace/`. */
  readonly branchPrefix?: string | undefined
  /** The run's whole commit message with this first line. */
  readonly messageOf: (title: string) => string
  readonly texts: CommitTexts
  readonly readOwnerDefaults: ReadOwnerDefaults
  /** Called when a request to GitHub fails; the run goes on without the answer. */
  readonly onError: (error: unknown) => void
}

const POLICIES =
  /^(?:\.github\/|docs\/)?(?:contributing|agents|claude|ai[-_]?(?:policy|usage|contributions)|readme)\.(?:md|rst|txt)$/i
const MOST_POLICIES = 5
const TITLES = 50

/** Reads and keeps the conventions of a run's repository. */
export interface KeptConventions {
  /** The conventions; empty ones until `read` has been called. */
  readonly known: () => Conventions
  /**
   * Reads the conventions, from a commit that people with write access made.
   *
   * @throws {BackspaceError} `publish_blocked` if the repository bans contributions by models; `branch_protected` if its
   * rules would refuse Backspace's push.
   */
  readonly read: (start: StartingPoint) => Promise<void>
}

export function createConventions(parts: ConventionsParts): KeptConventions {
  const { branchPrefix = NOTHING_KNOWN.prefix } = parts
  let known: Conventions = { ...NOTHING_KNOWN, prefix: branchPrefix }
  return {
    known: () => known,
    async read(start) {
      // A run that only plans pushes nothing.
      if (parts.run.request.options.plan !== true)
        known = await readConventions(start, { ...parts, branchPrefix })
    },
  }
}

async function readConventions(
  { access, base, baseTree }: StartingPoint,
  parts: ConventionsParts & { readonly branchPrefix: string },
): Promise<Conventions> {
  const { run, branchPrefix, texts, readOwnerDefaults, onError } = parts
  const { octokit, repository } = access
  const paths = baseTree.entries.map(({ path }) => path)
  texts.list(base.sha, baseTree)
  const orNothing = <T>(value: Promise<T>) =>
    value.catch((error: unknown) => {
      onError(error)
      return undefined
    })
  const read = async (path: string | undefined): Promise<CommunityFile | undefined> => {
    if (path === undefined) return undefined
    const text = await orNothing(texts.read(access, { path, ref: base.trustedSha }))
    return text === undefined ? undefined : { path, text }
  }
  const policies = paths.filter((path) => POLICIES.test(path)).slice(0, MOST_POLICIES)
  const settingsPath = SETTINGS_PATHS.find((path) => paths.includes(path))
  const ruleFiles = titleRuleFiles(paths)
  const [ruleTexts, settingsText, ownTemplate, titles = [], owners, pushRules, ...policyTexts] =
    await Promise.all([
      Promise.all(ruleFiles.map(read)),
      read(settingsPath),
      read(templateIn(paths)),
      orNothing(commitTitles(octokit, { repository, ref: base.trustedSha, most: TITLES })),
      readOwnerDefaults(access),
      repository.private ? orNothing(readPushRules(octokit, repository)) : undefined,
      ...policies.map(read),
    ])
  const settings = settingsText && parseRepoSettings(settingsText.text, settingsText.path)
  const template = ownTemplate ?? owners?.template
  const contributing = contributingIn(paths) === undefined ? owners?.contributing : undefined
  const said = [...policyTexts, contributing].filter((text) => text !== undefined)
  // No model takes part in a run that proposes settings.
  const policy = isSettingsRun(run.request) ? undefined : policyOf(said, settings)
  const { prefix, needsConventional } = await planWith(access, base, {
    ...parts,
    branchPrefix: settings?.branchPrefix ?? branchPrefix,
  })
  const found = findTitleRules(ruleTexts.filter((text) => text !== undefined))
  const title = titleStyleOf(titles, found ?? (needsConventional ? ASKS : undefined))
  const asks = findAsks(template ? [...said, template] : said, paths)
  return {
    prefix,
    title,
    template: template?.text,
    policy,
    signOff: asks.signOff,
    pushRules,
    hasSettings: settingsPath !== undefined,
    hints: hintsFor({ title, paths, changelog: asks.changelog, pushRules }),
  }
}

async function planWith(
  access: RepositoryAccess,
  base: Base,
  { run, branchPrefix: prefix, messageOf, onError }: ConventionsParts & { readonly branchPrefix: string },
): Promise<BranchPlan> {
  const commit = { messageOf, isMerge: base.merge !== undefined }
  try {
    if (base.pullRequest) return { prefix, ...(await planCommits(access, { branch: base.branch, commit })) }
    const name = `${run.request.thread?.number ?? 'code'}-change-${run.id.slice(0, 8)}`
    return await planBranch(access, { wanted: prefix, name, commit })
  } catch (error) {
    // A rule that refuses the push ends the run; a failure to read the rules does not.
    if (knownError(error)?.code === 'branch_protected') throw error
    onError(error)
    return { prefix, needsConventional: false }
  }
}

function policyOf(texts: readonly CommunityFile[], settings: RepoSettings | undefined): AiPolicy | undefined {
  if (settings?.aiPolicy === 'ignore') return undefined
  const policy = findAiPolicy(texts)
  if (policy?.kind !== 'ban') return policy
  throw new BackspaceError(
    'publish_blocked',
    `This repository accepts no contributions made by AI, so nothing was done and nothing was spent. \`${policy.path}\` says: ${inlineCode(policy.quote, 300)}. If a maintainer wants this run, set \`ai-policy: ignore\` in \`.github/backspace.yml\`.`,
    { facts: { path: policy.path } },
  )
}
