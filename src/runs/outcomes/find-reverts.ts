/** The commits and pull requests that a text says it reverts. */
export interface Reverts {
  /** Full or shortened ids of commits, in lower case. */
  readonly shas: readonly string[]
  /** Numbers of pull requests of the same repository. */
  readonly numbers: readonly number[]
}

/** A message that people wrote names only a few. */
const MOST = 20
/** How many characters of a text are read. */
const LONGEST = 20_000

/**
 * Reads the message of a commit, or the title and body of a merged pull request. It knows the words of `git revert`
 * (`This reverts commit <id>`), of GitHub's button (`Reverts owner/name#7`), and of a title that GitHub wrote (`Revert
 * "Fix it (#7)"`). A revert of a revert names the commit and number of the first revert.
 *
 * @param repository `owner/name`; references to other repositories do not count.
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
  // The last number inside the quotes belongs to the quoted title.
  const quoted = /^revert "(.*)"/i.exec(title.slice(0, 500))?.[1] ?? ''
  const inTitle = /\(#(\d{1,9})\)\s*$/.exec(quoted)?.[1]
  const numbers = inTitle === undefined ? bodies : [...bodies, Number(inTitle)]
  return { shas: [...new Set(shas)].slice(0, MOST), numbers: [...new Set(numbers)].slice(0, MOST) }
}

/** Whether the text reverts a pull request, by its number or by one of its commits. */
export function reverts(
  { shas, numbers }: Reverts,
  { number, commits }: { readonly number: number; readonly commits: readonly (string | null)[] },
): boolean {
  return (
    numbers.includes(number) ||
    commits.some((commit) => commit !== null && shas.some((sha) => commit.toLowerCase().startsWith(sha)))
  )
}
