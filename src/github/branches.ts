import { askGitHub, findOnGitHub } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

/** Git sets no limit, but neither GitHub nor a file system stores a longer name. */
const MAX_NAME_BYTES = 255

/**
 * Whether Git allows a branch of this name, by the rules of `git check-ref-format --branch`, with two exceptions:
 * `@` is refused, because Git commands read it as HEAD, and so are names that are not well-formed Unicode or are over
 * 255 bytes of UTF-8. https://git-scm.com/docs/git-check-ref-format
 */
export function isBranchName(name: string): boolean {
  return (
    name.isWellFormed() &&
    Buffer.byteLength(name) <= MAX_NAME_BYTES &&
    name !== '@' &&
    name !== 'HEAD' &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Git forbids the ASCII ones; U+0085 and U+00A0 are allowed
    /^[^-\x00-\x20\x7f~^:?*[\\][^\x00-\x20\x7f~^:?*[\\]*$/.test(name) &&
    !/\.\.|@\{|^\/|\/$|\/\/|\.$|(?:^|\/)\.|\.lock(?:\/|$)/.test(name)
  )
}

interface BranchQuery {
  readonly repository: RepoRef
  readonly branch: string
}

interface BranchUpdate extends BranchQuery {
  /** The commit that the branch is to point at. */
  readonly sha: string
}

/**
 * The commit that a branch points at; undefined if there is no such branch.
 *
 * @throws {BackspaceError} `repository_empty` if the repository has no commit.
 */
export async function getBranch(
  octokit: GitHubClient,
  { repository, branch }: BranchQuery,
): Promise<string | undefined> {
  const found = await findOnGitHub(
    `read branch ${branch} of ${fullName(repository)}`,
    octokit.rest.git.getRef({ ...inRepository(repository), ref: `heads/${branch}` }),
  )
  return found?.data.object.sha
}

/** @throws {BackspaceError} `conflict` if the branch exists. */
export async function createBranch(
  octokit: GitHubClient,
  { repository, branch, sha }: BranchUpdate,
): Promise<void> {
  await askGitHub(
    `create branch ${branch} in ${fullName(repository)}`,
    octokit.rest.git.createRef({ ...inRepository(repository), ref: `refs/heads/${branch}`, sha }),
  )
}

/**
 * Moves a branch forward; never by force.
 *
 * @throws {BackspaceError} `head_moved` if the branch has commits that `sha` does not follow.
 */
export async function moveBranch(
  octokit: GitHubClient,
  { repository, branch, sha }: BranchUpdate,
): Promise<void> {
  await askGitHub(
    `push to branch ${branch} of ${fullName(repository)}`,
    octokit.rest.git.updateRef({
      ...inRepository(repository),
      ref: `heads/${branch}`,
      sha,
      force: false,
    }),
  )
}
