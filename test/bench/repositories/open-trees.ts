import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Project, readProject, scanProject } from '../../../src/checks/project.ts'
import { SEEN_FILES } from '../../../src/checks/project-script.ts'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import type { ExecResult } from '../../../src/sandbox/sandbox.ts'
import type { Truth } from './truth.ts'

const run = promisify(execFile)

/** Trees that are kept lack what detection sees only since. */
const SEEN = createHash('sha256').update(SEEN_FILES.source).digest('hex').slice(0, 8)

/** Trees of commits, taken from bare clones, and read as the service reads a workspace. */
export interface Trees {
  /** Undefined if there is no clone with that commit. */
  project(truth: Truth): Promise<Project | undefined>
  /** A folder of its own with all files, removed at the end; undefined if there is no clone with that commit. */
  freshTree(truth: Truth): Promise<string | undefined>
  close(): Promise<void>
}

/**
 * @param mirrors a folder of bare clones: `<owner>+<name>`, or `repo` or `repo/.git` in it. Code of others stays there: the
 *   index has names, commits and truths.
 */
export async function openTrees(mirrors: string): Promise<Trees> {
  const kept = join(tmpdir(), 'backspace-repositories')
  await mkdir(kept, { recursive: true })
  const provider = createLocalSandboxProvider({
    mode: 'unconfined',
    deployment: 'bench',
    path: process.env.PATH,
  })
  const sandbox = await provider.create({ runId: 'bench', timeoutMs: 86_400_000, egress: { allowHosts: [] } })

  async function clone({ name, commit }: Truth): Promise<string | undefined> {
    const folder = join(mirrors, name.replace('/', '+'))
    for (const place of [join(folder, 'repo', '.git'), join(folder, 'repo'), folder]) {
      const known = await run('git', ['--git-dir', place, 'cat-file', '-e', `${commit}^{commit}`]).catch(
        () => undefined,
      )
      if (known !== undefined) return place
    }
    return undefined
  }

  /** @param wanted all files without it. */
  async function checkOut(from: string, commit: string, wanted?: RegExp): Promise<string> {
    const part = await mkdtemp(join(kept, '.part-'))
    const index = { ...process.env, GIT_INDEX_FILE: join(part, '.git-index') }
    const git = ['--git-dir', from, '--work-tree', part]
    await run('git', [...git, 'read-tree', commit], { env: index })
    // A clone may lack the largest files; the others are written even so.
    const options = { env: index, cwd: part, maxBuffer: 64 * 1024 * 1024 }
    const all = wanted && (await run('git', [...git, 'ls-files', '-z'], options)).stdout.split('\0')
    const paths = all?.filter((path) => path !== '' && wanted?.test(`./${path}`))
    const done = run(
      'git',
      [...git, 'checkout-index', '--quiet', '--force', ...(paths ? ['-z', '--stdin'] : ['--all'])],
      options,
    )
    done.child.stdin?.end(paths?.join('\0'))
    await done.catch(() => {})
    await rm(join(part, '.git-index'))
    return part
  }

  /** Only the files that detection sees: all of them, of all repositories, would fill a disk. */
  async function tree(truth: Truth): Promise<string | undefined> {
    const place = join(kept, `${truth.name.replace('/', '+')}@${truth.commit}-${SEEN}`)
    if (await exists(place)) return place
    const from = await clone(truth)
    if (from === undefined) return undefined
    const part = await checkOut(from, truth.commit, SEEN_FILES)
    await rename(part, place).catch(async (error: unknown) => {
      // Another bench may have taken it meanwhile.
      if (!(await exists(place))) throw error
      await rm(part, { recursive: true, force: true })
    })
    return place
  }

  /** What the scan printed is kept, as it takes half a second: until the script becomes another one. */
  async function scan(workspace: string): Promise<ExecResult> {
    const { command, ...options } = scanProject(workspace)
    const script = createHash('sha256').update(command).digest('hex').slice(0, 16)
    const file = `${workspace}.scan-${script}.json`
    const known = await readFile(file, 'utf8').catch(() => undefined)
    if (known !== undefined) return JSON.parse(known) as ExecResult
    const result = await sandbox.exec(command, options)
    await writeFile(file, JSON.stringify(result))
    return result
  }

  const fresh: string[] = []
  return {
    async freshTree(truth) {
      const from = await clone(truth)
      const part = from && (await checkOut(from, truth.commit))
      if (part) fresh.push(part)
      return part
    },
    async project(truth) {
      const workspace = await tree(truth)
      const signal = new AbortController().signal
      if (workspace === undefined) return undefined
      return readProject(sandbox, { workspace, signal, scanned: scan(workspace) })
    },
    async close() {
      await Promise.all(fresh.map((part) => rm(part, { recursive: true, force: true })))
      await sandbox.kill()
    },
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
