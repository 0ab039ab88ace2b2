/** What a text says that it reverts. */
export interface Reverts {
  /** Full or shortened ids of commits, in lower case. */
  readonly shas: readonly string[]
  /** Numbers of pull requests of the same repository. */
  readonly numbers: readonly number[]
}

/** A message names few; a longer list is not meant for people. */
const MOST = 20
/** Characters that are read of one text. */
const LONGEST = 20_000

/**
 * Reads the message of a commit, or title and body of a merged pull request, in the words of `git revert` (`This reverts
 * commit <id>`), of GitHub's button (`Reverts owner/name#7`), and of a title that GitHub made (`Revert "Fix it (#7)"`).
 * A revert of a revert names another commit and another number.
 *
 * @param repository `owner/name`; what is said about other repositories does not count.
 */
export function findReverts(text: string, repository: string): Reverts {
  const read = text.slice(0, LONGEST)
  const shas = [...read.matchAll(/\bthis reverts commit ([0-9a-f]{7,40})\b/gi)].map(([, sha = '']) =>
    sha.toLowerCase(),
  )
  const bodies = [...read.matchAll(/^reverts (?:([\w.-]+\/[\w.-]+))?#(\d{1,9})\b/gim)]
    .filter(([, named]) => named === undefined || named.toLowerCase() === repository.toLowerCase())
    .map(([, , number]) => Number(number))
  const [title = ''] = read.split('\n', 1)
  // The last number inside of the quotes is the one of the title that is quoted.
  const quoted = /^revert "(.*)"/i.exec(title.slice(0, 500))?.[1] ?? ''
  const inTitle = /\(#(\d{1,9})\)\s*$/.exec(quoted)?.[1]
  const numbers = inTitle === undefined ? bodies : [...bodies, Number(inTitle)]
  return { shas: [...new Set(shas)].slice(0, MOST), numbers: [...new Set(numbers)].slice(0, MOST) }
}

/** Whether it reverts a pull request: by its number, or by one of its commits. */
export function reverts(
  { shas, numbers }: Reverts,
  { number, commits }: { readonly number: number; readonly commits: readonly (string | null)[] },
): boolean {
  return (
    numbers.includes(number) ||
    commits.some((commit) => commit !== null && shas.some((sha) => commit.toLowerCase().startsWith(sha)))
  )
}
