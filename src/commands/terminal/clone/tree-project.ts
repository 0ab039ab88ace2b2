import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Project, readProject } from '../../../checks/project.ts'
import { personalEnvironment } from '../../../config.ts'
import { createLocalSandboxProvider } from '../../../sandbox/local/local-sandbox.ts'
import type { SourceTree } from './open-tree.ts'

/** Files at the root that say which versions the project wants. Only those versions are looked for. */
const SAYS_VERSIONS = /^[^/]{1,60}$/
const MOST_FILES = 40_000
const MOST_BYTES = 64 * 1024

/**
 * The project of a tree as a run would see it, with the programs of this machine. The names of its files are copied into
 * a temporary folder, which the service's own script reads. No program finds code of the repository there that it could run.
 */
export async function treeProject(tree: SourceTree): Promise<Project> {
  const base = await mkdtemp(join(tmpdir(), 'backspace-plan-'))
  try {
    const workspace = join(base, 'tree')
    await mkdir(workspace)
    await copyNames(tree, workspace)
    const provider = createLocalSandboxProvider({
      mode: 'unconfined',
      deployment: 'plan',
      path: personalEnvironment().PATH,
      baseDir: base,
    })
    const request = { runId: 'plan', timeoutMs: 120_000, egress: { allowHosts: [] } } as const
    const sandbox = await provider.create(request)
    try {
      const found = await readProject(sandbox, { workspace, signal: AbortSignal.timeout(90_000) })
      const texts = new Map<string, Promise<string | undefined>>()
      return {
        ...found,
        async read(path) {
          if (!found.files.has(path)) return undefined
          const text = texts.get(path) ?? tree.read(path)
          texts.set(path, text)
          return text
        },
      }
    } finally {
      await sandbox.kill()
    }
  } finally {
    await rm(base, { recursive: true, force: true })
  }
}

/** The files nearest to the root, as in a run. */
async function copyNames(tree: SourceTree, workspace: string): Promise<void> {
  const depth = (path: string) => path.split('/').length
  const files = tree.files.filter(isPlain).toSorted((one, other) => depth(one) - depth(other))
  const folders = new Set<string>()
  for (const path of files.slice(0, MOST_FILES)) {
    const folder = dirname(path)
    if (!folders.has(folder)) await mkdir(join(workspace, folder), { recursive: true })
    folders.add(folder)
    const text = SAYS_VERSIONS.test(path) ? ((await tree.read(path)) ?? '') : ''
    await writeFile(join(workspace, path), text.slice(0, MOST_BYTES), { mode: 0o600 })
  }
}

/** Whether the script of a run would take this path. Git has no path that leaves the folder, and none is taken here. */
function isPlain(path: string): boolean {
  const parts = path.split('/')
  return (
    path.length < 400 &&
    parts.length <= 9 &&
    !/\p{Cc}/u.test(path) &&
    parts.every(
      (part) => part !== '' && part !== '.' && part !== '..' && part !== '.git' && part.length < 250,
    )
  )
}
