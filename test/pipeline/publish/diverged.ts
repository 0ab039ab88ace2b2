import type { RunRequest } from '../../../src/runs/run.ts'
import { quietOctokit } from '../../stand-ins/github/checked-octokit.ts'
import type { PipelineOptions, StartPipeline, Work } from '../pipeline-world.ts'

export const REPO = 'acme/api'

const FILES = {
  'f.txt': 'a\nb\nc\n',
  'both.txt': '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
  'gone.txt': 'x\n',
  'check.sh': 'test "$(cat f.txt | wc -l)" -ge 3 && test ! -e broken\n',
  '.github/backspace.yml': 'checks: ["sh check.sh"]\n',
  '.github/workflows/ci.yml': 'on: push\n',
}

interface Sides {
  readonly main?: Readonly<Record<string, string | null>>
  readonly topic?: Readonly<Record<string, string | null>>
}

/** A pull request from `topic`, whose base has moved. */
export async function startDiverged(
  startPipeline: StartPipeline,
  { main = {}, topic = {} }: Sides,
  options: PipelineOptions = {},
) {
  const world = await startPipeline(options)
  const { github } = world
  await github.createRepository({ owner: 'acme', name: 'api', files: FILES, collaborators: { ada: 'write' } })
  await github.pushFiles({ repo: REPO, branch: 'topic', author: 'ada', files: topic })
  const { number } = await github.openPullRequest({ repo: REPO, author: 'ada', title: 'T', head: 'topic' })
  const headSha = (await github.branches(REPO)).topic ?? ''
  if (Object.keys(main).length > 0) {
    await github.pushFiles({ repo: REPO, branch: 'main', author: 'ada', files: main })
  }
  const mainSha = (await github.branches(REPO)).main ?? ''
  const thread = { kind: 'pull_request', number, title: 'T', body: '', author: 'ada', url: '' } as const
  const request = (prompt: string): Partial<RunRequest> => ({ trigger: 'comment', thread, prompt })
  const auth = { token: github.createPat({ login: 'ada' }) }
  const ada = quietOctokit({ apiUrl: github.apiUrl, auth })
  async function parentsOf(sha: string): Promise<readonly string[]> {
    const { data } = await ada.rest.git.getCommit({ owner: 'acme', repo: 'api', commit_sha: sha })
    return data.parents.map((parent) => parent.sha)
  }
  /** A commit with the files of another one, and no parent. */
  async function rootLike(sha: string): Promise<string> {
    const repo = { owner: 'acme', repo: 'api' }
    const { tree } = (await ada.rest.git.getCommit({ ...repo, commit_sha: sha })).data
    return (await ada.rest.git.createCommit({ ...repo, message: 'Root', tree: tree.sha, parents: [] })).data
      .sha
  }
  return { ...world, headSha, mainSha, request, parentsOf, rootLike }
}

export const CONFLICT: Sides = {
  main: {
    'f.txt': 'a\nMAIN\nc\n',
    'both.txt': '1\n2\n3\n4\n5\n6\n7\n8\nnine\n',
    '.github/workflows/ci.yml': 'on: [push]\n',
    'm.txt': 'm\n',
  },
  topic: {
    'f.txt': 'a\nTOPIC\nc\n',
    'both.txt': 'one\n2\n3\n4\n5\n6\n7\n8\n9\n',
    'gone.txt': null,
    't.txt': 't\n',
  },
}

export const noAgent: Work = async () => {
  throw new Error('no model is needed')
}
