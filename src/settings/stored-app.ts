import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import type { SettingsReader } from './settings-reader.ts'

const storedApp = z.object({
  /** Address of the GitHub server that the App belongs to. */
  webUrl: z.url(),
  id: z.int().positive(),
  slug: z.string(),
  /** Login of the account that owns the App. */
  owner: z.string().optional(),
  ownerType: z.enum(['User', 'Organization', 'Enterprise']),
  /** PEM. */
  privateKey: z.string().includes('PRIVATE KEY-----'),
  webhookSecret: z.string().min(16),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  createdAt: z.iso.datetime(),
})

/** A GitHub App that the setup page created, as it is kept in the data directory. */
export type StoredApp = Readonly<z.infer<typeof storedApp>>

const NAME = 'github-app.json'
/** Any permission for the group or for others, since the file holds the App's key. */
const TOO_OPEN = 0o077

/** Path of the file; undefined for `:memory:`, which keeps no files. */
function storedAppPath(dataDir: string): string | undefined {
  return dataDir === ':memory:' ? undefined : join(resolve(dataDir), NAME)
}

/**
 * The App that the setup page stored; undefined when there is none. If something is wrong with the file, that is
 * reported as a problem of the settings.
 *
 * @param webUrl the GitHub server that the settings name.
 */
export function readStoredApp(reader: SettingsReader, webUrl: string): StoredApp | undefined {
  const path = storedAppPath(reader.get('DATA_DIR') ?? '')
  const text = path === undefined ? undefined : readFile(path, reader)
  if (path === undefined || text === undefined) return undefined
  const parsed = parse(text)
  if (!parsed) {
    reader.problem(`${path} holds no GitHub App that this version can read. ${CURE}`)
    return undefined
  }
  if (parsed.webUrl !== webUrl) {
    reader.problem(
      `${path} holds an App of ${parsed.webUrl}, but the settings name ${webUrl}. Set GHE_HOST to where the App is, or remove the file and create an App there.`,
    )
    return undefined
  }
  return parsed
}

const CURE = 'Remove it and create the App again at /setup, or set APP_ID, PRIVATE_KEY and WEBHOOK_SECRET.'

function readFile(path: string, reader: SettingsReader): string | undefined {
  try {
    const { mode } = statSync(path)
    if (process.platform !== 'win32' && (mode & TOO_OPEN) !== 0) {
      reader.problem(
        `${path} holds the key of the GitHub App, and other users may read it. Run: chmod 600 ${path}`,
      )
    }
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'EISDIR') {
      reader.problem(`${path} is a directory, and not the file with the GitHub App. ${CURE}`)
      return undefined
    }
    reader.problem(`${path} cannot be read (${code}). Change its owner or its permissions.`)
    return undefined
  }
}

function parse(text: string): StoredApp | undefined {
  try {
    return storedApp.safeParse(JSON.parse(text)).data
  } catch {
    // The file is incomplete, or belongs to something else.
    return undefined
  }
}

/**
 * Stores an App for the next start. From its first byte, only the owner can read the file, and it appears as a whole or
 * not at all.
 *
 * @throws {BackspaceError} `unavailable` when the directory cannot be written.
 */
export function storeApp(dataDir: string, app: StoredApp): void {
  const path = storedAppPath(dataDir)
  if (path === undefined) throw new BackspaceError('unavailable', 'DATA_DIR keeps no files.')
  const fresh = `${path}.${process.pid}.new`
  try {
    // Not recursive, because Node then never returns where the system refuses a directory with ENOENT, as in /proc.
    if (!existsSync(resolve(dataDir))) mkdirSync(resolve(dataDir), { mode: 0o700 })
    rmSync(fresh, { force: true })
    const file = openSync(fresh, 'wx', 0o600)
    try {
      // `writeSync` may write only a part, for instance when the disk is nearly full.
      writeFileSync(file, `${JSON.stringify(app, undefined, 2)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(fresh, path)
  } catch (cause) {
    if (existsSync(fresh)) rmSync(fresh)
    throw new BackspaceError(
      'unavailable',
      `The App could not be kept in DATA_DIR (${(cause as NodeJS.ErrnoException).code ?? 'unknown reason'}).`,
      { cause },
    )
  }
}
