import type { GitHubClient } from './github-client.ts'
import { askGitHub, githubStatus } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

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

/**
 * The commit that a branch points at; undefined when there is no such branch.
 *
 * @throws {BackspaceError} `repository_empty` when there is no commit at all.
 */
export async function getBranch(
  octokit: GitHubClient,
  { repository, branch }: { repository: RepoRef; branch: string },
): Promise<string | undefined> {
  try {
    const { data } = await askGitHub(
      `read branch ${branch} of ${repository.owner}/${repository.name}`,
      octokit.rest.git.getRef({
        owner: repository.owner,
        repo: repository.name,
        ref: `heads/${branch}`,
      }),
    )
    return data.object.sha
  } catch (error) {
    if (githubStatus(error) === 404) return undefined
    throw error
  }
}

/**
 * Makes a branch that does not exist yet.
 *
 * @throws {BackspaceError} `conflict` when it exists.
 */
export async function createBranch(
  octokit: GitHubClient,
  { repository, branch, sha }: { repository: RepoRef; branch: string; sha: string },
): Promise<void> {
  await askGitHub(
    `make branch ${branch} in ${repository.owner}/${repository.name}`,
    octokit.rest.git.createRef({
      owner: repository.owner,
      repo: repository.name,
      ref: `refs/heads/${branch}`,
      sha,
    }),
  )
}

/**
 * Moves a branch forward; never by force.
 *
 * @throws {BackspaceError} `head_moved` when it is not a step forward any more.
 */
export async function moveBranch(
  octokit: GitHubClient,
  { repository, branch, sha }: { repository: RepoRef; branch: string; sha: string },
): Promise<void> {
  await askGitHub(
    `push to branch ${branch} of ${repository.owner}/${repository.name}`,
    octokit.rest.git.updateRef({
      owner: repository.owner,
      repo: repository.name,
      ref: `heads/${branch}`,
      sha,
      force: false,
    }),
  )
}
