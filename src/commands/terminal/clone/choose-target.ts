import { createInterface } from 'node:readline/promises'
import { BackspaceError } from '../../../errors.ts'
import { githubAddressOf } from './github-address.ts'
import { describeLocalChanges, hasLocalChanges, pushLocalChanges } from './local-changes.ts'
import { type LocalClone, readClone } from './local-clone.ts'

/** The repository and branch that a run works on. */
export interface Target {
  /** `https://github.com/acme/greeter` */
  readonly repoUrl: string
  /** Branch to start from; undefined for the repository's default branch. */
  readonly base: string | undefined
}

interface TargetChoice {
  /** Address of a repository or path of a clone, as the person wrote it. */
  readonly repo: string
  /** The branch that the person named; undefined if they named none. */
  readonly base: string | undefined
  readonly localChanges: 'push' | 'ignore' | undefined
}

interface Person {
  /** Folder that a relative path starts from. */
  readonly from: string
  /** Asks the person for one line; undefined without a terminal. */
  readonly ask: ((question: string) => Promise<string>) | undefined
  print(lines: string): void
}

/**
 * Finds the repository and the branch that a person means. If a clone has changes that GitHub does not have, the person
 * decides about them; they are never left out silently.
 *
 * @throws {BackspaceError} `bad_request` if the person has to say more; `cancelled` if they stop.
 */
export async function chooseTarget(choice: TargetChoice, person: Person): Promise<Target> {
  const { repo, base, localChanges } = choice
  if (/^\w+:\/\//.test(repo) || /^git@/.test(repo)) {
    // A login in the address is not meant for Backspace. The service refuses addresses that cannot be on GitHub.
    return { repoUrl: githubAddressOf(repo) ?? repo, base }
  }
  const clone = await readClone(repo, person.from)
  const { repoUrl } = clone
  const asIs = { repoUrl, base: base ?? clone.base }
  if (!hasLocalChanges(clone)) return asIs
  person.print(describeLocalChanges(clone))
  const decision = localChanges ?? (await decide(clone, person))
  if (decision === 'ignore') {
    person.print(`  Continuing without them.\n`)
    return asIs
  }
  const branch = await pushLocalChanges(clone)
  person.print(`  Pushed to the branch ${branch}. The pull request will be against it.\n`)
  return { repoUrl, base: branch }
}

async function decide({ repoUrl }: LocalClone, { ask }: Person): Promise<'push' | 'ignore'> {
  if (!ask) {
    throw new BackspaceError(
      'bad_request',
      'Add --push to push them to a new branch and work on that, or --ignore-local-changes to work without them.',
    )
  }
  for (;;) {
    const answer = await ask(
      `  Push them to a new branch of ${repoUrl}, and work on that? [push/continue/stop] `,
    )
    const word = answer.trim().toLowerCase()
    if (word !== '' && 'push'.startsWith(word)) return 'push'
    if (word !== '' && 'continue'.startsWith(word)) return 'ignore'
    if (word !== '' && 'stop'.startsWith(word))
      throw new BackspaceError('cancelled', 'Stopped. Nothing was started.')
  }
}

/** Asks at a terminal. Ctrl-C and the end of the input answer `stop`. */
export async function askAtTerminal(
  question: string,
  { input, output }: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream },
): Promise<string> {
  const lines = createInterface({ input, output })
  try {
    const closed = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)))
    const answer = await Promise.race([lines.question(question), closed])
    if (answer === undefined) output.write('\n')
    return answer ?? 'stop'
  } finally {
    lines.close()
  }
}
