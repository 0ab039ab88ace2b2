import { parseRepoSettings, type RepoSettings, SETTINGS_PATHS } from '../../checks/repo-settings.ts'
import { BackspaceError, knownError } from '../../errors.ts'
import { commitTitles } from '../../github/commit-titles.ts'
import type { TreeListing } from '../../github/commits.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { getFile } from '../../github/repositories.ts'
import type { Run } from '../../runs/run.ts'
import { isSettingsRun } from '../../runs/settings-request.ts'
import { inlineCode } from '../../text/fenced.ts'
import type { Base } from '../workspace/workspace.ts'
import { type AiPolicy, findAiPolicy, type PolicyText } from './ai-policy.ts'
import { planBranch, planCommits } from './plan-branch.ts'
import { PLAIN_STYLE, type TitleStyle, titleStyleOf } from './title-style.ts'

/** How a repository wants contributions to look, read before anything is spent. */
export interface Conventions {
  /** Of a new branch's name. */
  readonly prefix: string
  readonly title: TitleStyle
  /** Text of the pull request template; untrusted. */
  readonly template: string | undefined
  /** What the repository wants to know of models; never a ban. */
  readonly policy: AiPolicy | undefined
  /** For the agent; our own sentences. */
  readonly hints: readonly string[]
}

const NOTHING_KNOWN: Conventions = {
  prefix: 'backspace/',
  title: PLAIN_STYLE,
  template: undefined,
  policy: undefined,
  hints: [],
}

interface StartingPoint {
  readonly access: RepositoryAccess
  readonly base: Base
  readonly baseTree: TreeListing
}

interface ConventionsParts {
  readonly run: Pick<Run, 'id' | 'request'>
  /** Of the operator; default: `backspace/`. */
  readonly branchPrefix?: string | undefined
  /** Called when GitHub does not say something; the run goes on without it. */
  readonly onError: (error: unknown) => void
}

const TEMPLATES =
  /^(?:\.github\/|docs\/)?pull_request_template(?:\/[^/]+)?\.(?:md|txt)$|^(?:\.github\/|docs\/)?pull_request_template\/[^/]+\.md$/i
const POLICIES =
  /^(?:\.github\/|docs\/)?(?:contributing|agents|claude|ai[-_]?(?:policy|usage|contributions)|readme)\.(?:md|rst|txt)$/i
const DEMANDS_CONVENTIONAL =
  /^(?:\.?commitlint(?:rc)?(?:\.config)?(?:\.\w+)?|\.github\/semantic\.ya?ml|\.czrc|\.cz\.toml)$/
const MOST_POLICIES = 5
const TITLES = 50

/** What is known of the conventions of a run's repository. */
export interface KeptConventions {
  /** None, until they are read. */
  readonly known: () => Conventions
  /**
   * Reads them from the commit that people with write access made.
   *
   * @throws {BackspaceError} `publish_blocked` if it takes no contributions of models; `branch_protected` if its rules would
   * refuse what Backspace pushes.
   */
  readonly read: (start: StartingPoint) => Promise<void>
}

export function createConventions(parts: ConventionsParts): KeptConventions {
  const { branchPrefix = NOTHING_KNOWN.prefix } = parts
  let known: Conventions = { ...NOTHING_KNOWN, prefix: branchPrefix }
  return {
    known: () => known,
    async read(start) {
      // A plan changes nothing.
      if (parts.run.request.options.plan !== true)
        known = await readConventions(start, { ...parts, branchPrefix })
    },
  }
}

async function readConventions(
  { access, base, baseTree }: StartingPoint,
  { run, branchPrefix, onError }: ConventionsParts & { readonly branchPrefix: string },
): Promise<Conventions> {
  const { octokit, repository } = access
  const paths = baseTree.entries.map(({ path }) => path)
  const read = async (path: string | undefined): Promise<PolicyText | undefined> => {
    if (path === undefined) return undefined
    const text = await getFile(octokit, { repository, path, ref: base.trustedSha })
    return text === undefined ? undefined : { path, text }
  }
  const orNothing = <T>(value: Promise<T>, nothing: T) =>
    value.catch((error: unknown) => {
      onError(error)
      return nothing
    })
  const policies = paths.filter((path) => POLICIES.test(path)).slice(0, MOST_POLICIES)
  const [settingsText, template, titles, ...policyTexts] = await Promise.all([
    orNothing(read(SETTINGS_PATHS.find((path) => paths.includes(path))), undefined),
    orNothing(read(templateIn(paths)), undefined),
    orNothing(commitTitles(octokit, { repository, ref: base.trustedSha, most: TITLES }), []),
    ...policies.map((path) => orNothing(read(path), undefined)),
  ])
  const settings = settingsText && parseRepoSettings(settingsText.text, settingsText.path)
  // No model takes part in a run that proposes settings.
  const policy = isSettingsRun(run.request)
    ? undefined
    : policyOf(
        policyTexts.filter((text) => text !== undefined),
        settings,
      )
  const { prefix, needsConventional } = await planWith(access, {
    base,
    wanted: [settings?.branchPrefix ?? branchPrefix],
    name: `${run.request.thread?.number ?? 'code'}-change-${run.id.slice(0, 8)}`,
    onError,
  })
  const demanded = needsConventional || paths.some((path) => DEMANDS_CONVENTIONAL.test(path))
  const title = titleStyleOf(titles, demanded)
  return {
    prefix,
    title,
    template: template?.text,
    policy,
    hints: [...titleHints(title), ...changelogHints(paths)],
  }
}

async function planWith(
  access: RepositoryAccess,
  {
    base,
    wanted,
    name,
    onError,
  }: { readonly base: Base; readonly wanted: readonly string[]; readonly name: string } & Pick<
    ConventionsParts,
    'onError'
  >,
): Promise<{ readonly prefix: string; readonly needsConventional: boolean }> {
  const [first = NOTHING_KNOWN.prefix] = wanted
  try {
    if (base.pullRequest) return { prefix: first, ...(await planCommits(access, base.branch)) }
    return await planBranch(access, { wanted, name })
  } catch (error) {
    // What the rules say ends the run; that they cannot be read does not.
    if (knownError(error)?.code === 'branch_protected') throw error
    onError(error)
    return { prefix: first, needsConventional: false }
  }
}

function policyOf(texts: readonly PolicyText[], settings: RepoSettings | undefined): AiPolicy | undefined {
  if (settings?.aiPolicy === 'ignore') return undefined
  const policy = findAiPolicy(texts)
  if (policy?.kind !== 'ban') return policy
  throw new BackspaceError(
    'publish_blocked',
    `This repository takes no contributions of AI, so nothing was done and nothing was spent. \`${policy.path}\` says: ${inlineCode(policy.quote, 300)}. If a maintainer wants this run, set \`ai-policy: ignore\` in \`.github/backspace.yml\`.`,
    { facts: { path: policy.path } },
  )
}

/** The one at the most usual place; in a folder of several, the first by name. */
function templateIn(paths: readonly string[]): string | undefined {
  const found = paths.filter((path) => TEMPLATES.test(path)).sort()
  const ranked = ['.github/pull_request_template.', 'pull_request_template.', 'docs/pull_request_template.']
  for (const start of ranked) {
    const one = found.find((path) => path.toLowerCase().startsWith(start))
    if (one !== undefined) return one
  }
  return found[0]
}

function titleHints({ kind }: TitleStyle): readonly string[] {
  switch (kind) {
    case 'conventional':
      return ['Titles here follow Conventional Commits: `fix(scope): what it does`']
    case 'area':
      return ['Titles here name the area first: `package: what it does`']
    default:
      return []
  }
}

/** Where each change leaves a file about itself. */
function changelogHints(paths: readonly string[]): readonly string[] {
  if (paths.includes('.changeset/config.json')) {
    return [
      'A change of a published package needs a changeset here: a file `.changeset/<three-words>.md` whose front matter names the package as in its package.json and `patch`, `minor` or `major`, and whose text is for its users',
    ]
  }
  const folder = paths
    .map((path) => /^(?:[^/]+\/){0,2}(?:newsfragments|changelog\.d|changes\.d|\.changes)\//.exec(path)?.[0])
    .find((found) => found !== undefined)
  return folder === undefined
    ? []
    : [
        `A change that users notice needs a file in \`${folder.slice(0, 80)}\` here, named and written like those in it or in its README`,
      ]
}
