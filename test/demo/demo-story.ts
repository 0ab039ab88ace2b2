import { basename } from 'node:path'
import type { GitHubStandIn } from '../stand-ins/github/start-github.ts'
import { readFixture } from '../support/read-fixture.ts'
import type { DemoOptions } from './demo-options.ts'

export interface AskedForWork {
  readonly author: string
  readonly comment: string
  /** Page of the issue. */
  readonly url: string
}

/**
 * Puts the repository on the stand-in, opens an issue there and comments `/backspace …` on it.
 *
 * @param source the repository, or a copy of it; undefined: the one that ships with the demo.
 */
export async function askForWork(
  github: GitHubStandIn,
  options: DemoOptions,
  source: string | undefined,
): Promise<AskedForWork> {
  const author = 'ada'
  const name = options.repo === undefined ? 'greeter' : repositoryName(options.repo)
  await github.createRepository({
    owner: 'acme',
    name,
    collaborators: { [author]: 'write' },
    ...(source === undefined ? { files: readFixture('greeter') } : { fromDirectory: source }),
  })
  const repo = `acme/${name}`
  const issue = await github.openIssue({
    repo,
    author,
    title:
      options.prompt === undefined ? 'Greeting an empty name prints "Hello, !"' : firstLine(options.prompt),
    body:
      options.prompt === undefined
        ? '`greet("")` should greet a stranger, as the README says. There is a test for it, and it fails.'
        : options.prompt,
  })
  const comment = `/backspace ${options.prompt ?? 'make the failing test pass'}`
  await github.comment({ repo, number: issue.number, author, body: comment })
  return { author, comment, url: `${github.url}/${repo}/issues/${issue.number}` }
}

function repositoryName(path: string): string {
  return (
    basename(path)
      .replace(/\.git$/, '')
      .replace(/[^A-Za-z0-9._-]/g, '-') || 'repository'
  )
}

function firstLine(prompt: string): string {
  return (prompt.split('\n')[0] ?? prompt).slice(0, 120)
}
