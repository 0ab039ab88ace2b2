import { expect, test } from 'vitest'
import type { ReceivedFrame } from '../../src/commands/terminal/run/received-frame.ts'
import { runFrames } from '../../src/commands/terminal/run/run-frames.ts'
import type { Fault } from '../stand-ins/github/faults.ts'
import type { GitHubStandIn } from '../stand-ins/github/start-github.ts'
import { eventually, startWorld, type World } from '../support/start-world.ts'

const DIFF = ['--- a/README.md', '+++ b/README.md', '@@ -1,1 +1,2 @@', ' # api', '+hello'].join('\n')

/** Every request by which a run leaves something behind at GitHub. */
const EFFECTS = [
  ['POST', 'git/blobs'],
  ['POST', 'git/trees'],
  ['POST', 'git/commits'],
  ['POST', 'git/refs'],
  ['POST', 'pulls'],
  ['POST', 'issues/1/comments'],
  ['PATCH', 'issues/comments/\\d+'],
  ['POST', 'issues/comments/\\d+/reactions'],
] as const

const WAYS: Readonly<Record<string, Omit<Fault, 'path'>>> = {
  'refused before it happened': { status: 502, when: 'before' },
  'refused after it happened': { status: 502, when: 'after' },
  'cut off before it happened': { drop: true, when: 'before' },
  'cut off after it happened': { drop: true, when: 'after' },
}

async function askIn(github: GitHubStandIn, owner: string): Promise<string> {
  const repo = `${owner}/api`
  await github.createRepository({
    ...{ owner, name: 'api', collaborators: { ada: 'write' } },
    files: { 'README.md': '# api\n' },
  })
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Say hello' })
  const body = `/backspace apply this\n\n\`\`\`diff\n${DIFF}\n\`\`\``
  await github.comment({ repo, number, author: 'ada', body })
  return repo
}

/** The last frame of every run, when all have ended. */
async function ends(world: World, count: number): Promise<readonly (ReceivedFrame | undefined)[]> {
  const runs = await eventually(world.runs, ({ length }) => length === count)
  return Promise.all(runs.map(async ({ eventsUrl }) => (await Array.fromAsync(runFrames(eventsUrl))).at(-1)))
}

test('whatever GitHub loses, before or after, there is one branch, one pull request and one comment', async () => {
  const world = await startWorld()
  const { github } = world
  github.fail({ method: 'POST', path: /\/access_tokens$/, status: 502, when: 'before' })
  github.fail({ method: 'POST', path: /\/access_tokens$/, drop: true, when: 'after' })
  const armed = Object.entries(WAYS).map(([way, fault], at) => {
    const owner = `org${at}`
    const faults = EFFECTS.map(([method, path]) => {
      const at = new RegExp(`^/repos/${owner}/api/${path}$`)
      return { what: `${method} ${path} ${way}`, fault: github.fail({ ...fault, method, path: at }) }
    })
    return { owner, faults }
  })
  const repositories = await Promise.all(armed.map(({ owner }) => askIn(github, owner)))

  expect(await ends(world, armed.length)).toMatchObject(armed.map(() => ({ type: 'success' })))
  for (const repo of repositories) {
    const pulls = github.pullRequests(repo)
    expect(pulls).toHaveLength(1)
    expect(Object.keys(await github.branches(repo)).sort()).toEqual([pulls[0]?.head, 'main'])
    expect(await github.fileAt(repo, pulls[0]?.head ?? '', 'README.md')).toBe('# api\nhello\n')
    const told = () => github.comments(repo, 1).filter(({ author }) => author === 'backspace[bot]')
    await github.waitFor(() => told().some(({ body }) => body.includes(pulls[0]?.htmlUrl ?? '?')))
    expect(told()).toHaveLength(1)
  }
  const missed = armed.flatMap(({ faults }) => faults.filter(({ fault }) => fault.hits === 0))
  expect(missed.map(({ what }) => what)).toEqual([])
})
