import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { CLAUDE_CODE_VERSION } from '../../agent/claude-code/claude-command.ts'
import { BackspaceError } from '../../errors.ts'

const run = promisify(execFile)

/** The `dist.integrity` in npm's registry of this version, for each platform of a sandbox. */
export const CLAUDE_CODE_PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64':
    'sha512-f4JWhzwYutJIHScC7/dYOPX6s28tt7ZADhsOi8zwOHq5fFPEuUeChh2NMfinSg0GrUckYxaeebC4h0DqiKzLcw==',
  'linux-arm64':
    'sha512-BlHNEtK38KBPWU31F4lUSS9sHclCyfWbThT1CErvxxH8+XcljYLZlQwdyXBkTD62rw1TgfE1u1a+quMWS0NSJg==',
  'linux-x64-musl':
    'sha512-QoQzwipnqRAdBKDAJNJ2Qvl37G6x8nCugfOQa+nuMcGIRgGEOLeWoq3pTLMQRScL37estAQBGH9ygR3WFVbIfw==',
  'linux-arm64-musl':
    'sha512-jdjkkJLfAQ9M1HbT05tZHQpGNZUEPUebYwW/xpiMypZddB0lNlHlB9mXfOVV/UUPO0JCghj1NSQjxhhJc4L4CA==',
}

export interface FetchOptions {
  /** Directory of the pinned version alone. The installation creates it with one rename, so it is never half filled. */
  readonly directory: string
  readonly onProgress?: ((sentence: string) => void) | undefined
  /** Platform and checksum of the package. Default: those of this machine. */
  readonly package?: { readonly platform: string; readonly integrity: string } | undefined
  /** Milliseconds for the download; a slow connection needs minutes for 180 MB. */
  readonly timeoutMs?: number | undefined
}

/**
 * Downloads the pinned Claude Code with npm, from the registry that npm is configured with, and checks it against the
 * checksum in this file. No script of the package runs. An interrupted installation leaves nothing that passes for a whole one.
 *
 * @returns path of the program.
 * @throws {BackspaceError} `unavailable` if there is no package for this machine, npm fails, or the checksum differs.
 */
export async function fetchClaudeCode(options: FetchOptions): Promise<string> {
  const { directory, onProgress = () => {}, timeoutMs = 30 * 60_000 } = options
  const { platform, integrity } = options.package ?? packageOfThisMachine()
  const program = join(directory, 'claude')
  if (await exists(program)) return program
  await mkdir(dirname(directory), { recursive: true })
  await removeHalves(directory)
  const aside = await mkdtemp(`${directory}${HALF}${process.pid}-`)
  try {
    const name = `@anthropic-ai/claude-code-${platform}@${CLAUDE_CODE_VERSION}`
    onProgress(`Downloading ${name} with npm (about 180 MB) …`)
    const archive = await download(name, { aside, timeoutMs })
    onProgress('Checking it against the pinned checksum …')
    const found = await checksumOf(archive)
    if (found !== integrity) {
      throw refusal(
        `npm delivered something other than Claude Code ${CLAUDE_CODE_VERSION}: its checksum is ${found}. Nothing was installed. Check the registry that npm is configured with.`,
      )
    }
    onProgress('Unpacking …')
    const unpacked = join(aside, 'unpacked')
    await mkdir(unpacked)
    await run('tar', ['-xzf', archive, '-C', unpacked, '--strip-components=1', '--no-same-owner'])
    await access(join(unpacked, 'claude'))
    // If another installation was faster, the directory is not empty and the rename fails.
    await rename(unpacked, directory).catch(async (error: unknown) => {
      if (!(await exists(program))) throw error
    })
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
  return program
}

const HALF = '.part-'

/** Removes what interrupted installations of processes that have ended left behind. */
async function removeHalves(directory: string): Promise<void> {
  const prefix = `${basename(directory)}${HALF}`
  for (const name of await readdir(dirname(directory))) {
    const pid = Number(/^\d+/.exec(name.slice(prefix.length))?.[0])
    if (name.startsWith(prefix) && !isAlive(pid))
      await rm(join(dirname(directory), name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** @returns path of the archive, as the registry delivered it. */
async function download(
  name: string,
  { aside, timeoutMs }: { readonly aside: string; readonly timeoutMs: number },
): Promise<string> {
  const flags = ['--ignore-scripts', '--loglevel=error', '--pack-destination', aside]
  try {
    await run('npm', ['pack', name, ...flags], { cwd: aside, timeout: timeoutMs })
  } catch (error) {
    const { code, stderr = '' } = error as { readonly code?: unknown; readonly stderr?: string }
    if (code === 'ENOENT') throw refusal('npm was not found. Start this with `npm run`.')
    const said = stderr.replaceAll(/^npm error /gm, '').trim() || 'It gave no reason.'
    throw refusal(`npm could not download ${name}: ${said.slice(0, 300)}`)
  }
  const archive = (await readdir(aside)).find((file) => file.endsWith('.tgz'))
  if (archive === undefined) throw refusal(`npm left no archive of ${name}.`)
  return join(aside, archive)
}

async function checksumOf(file: string): Promise<string> {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  return `sha512-${hash.digest('base64')}`
}

function packageOfThisMachine(): { platform: string; integrity: string } {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  const libc = header.glibcVersionRuntime === undefined ? '-musl' : ''
  const platform = `${process.platform}-${process.arch}${libc}`
  const integrity = CLAUDE_CODE_PACKAGES[platform]
  if (integrity !== undefined) return { platform, integrity }
  throw refusal(
    `Local sandboxes run on Linux, x64 or arm64; this machine is ${process.platform}-${process.arch}. Claude Code for E2B goes into its template.`,
  )
}

function refusal(message: string): BackspaceError {
  return new BackspaceError('unavailable', message)
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
