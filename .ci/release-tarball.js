// Writes the tarball of a release: what runs in production, without tests, for `npm ci --omit=dev && npm start`. The same commit
// gives the same bytes, whoever packs it: names, order, modes and times come from git, and gzip from the Node of the lock file.
// Usage: node .ci/release-tarball.js [--to <folder>] [--ref <commit or tag>] [--release]
//   --release  refuses a commit without the tag v<version>, or without a section for the version in CHANGELOG.md
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { constants, gzipSync } from 'node:zlib'

const ROOT = join(import.meta.dirname, '..')
const FILES = [
  '.env.example .npmrc CHANGELOG.md LICENSE README.md SECURITY.md app.yml package.json package-lock.json',
  // So that an image, a compose.yaml and the pages about hosts work from it as well.
  '.dockerignore Dockerfile compose.yaml render.yaml Procfile app.json fly.toml',
].join(' ')
const FOLDERS = 'bin client deploy docs src'

const { values } = parseArgs({
  options: {
    to: { type: 'string', default: join(ROOT, 'dist') },
    ref: { type: 'string', default: 'HEAD' },
    release: { type: 'boolean', default: false },
  },
})

try {
  pack(resolve(values.to), values.ref)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

function pack(to, ref) {
  const commit = git('rev-parse', '--verify', `${ref}^{commit}`).toString().trim()
  const { version } = JSON.parse(git('show', `${commit}:package.json`))
  const notes = notesOf(git('show', `${commit}:CHANGELOG.md`).toString(), version)
  if (values.release) refuseWhatIsNoRelease(commit, version, notes)

  const name = `backspace-${version}`
  const there = git('ls-tree', '--name-only', commit).toString().split('\n')
  const paths = `${FILES} ${FOLDERS}`.split(' ').filter((path) => there.includes(path))
  // Without this, the modes would be those of the person's settings.
  const tar = git('-c', 'tar.umask=0022', 'archive', `--prefix=${name}/`, commit, '--', ...paths)
  const bytes = gzipSync(tar, { level: constants.Z_BEST_COMPRESSION })
  // Byte 9 of the header names the system that compressed it; 255 means unknown.
  bytes[9] = 255
  const sha256 = createHash('sha256').update(bytes).digest('hex')

  mkdirSync(to, { recursive: true })
  const write = (ending, content) => writeFileSync(join(to, name + ending), content)
  write('.tar.gz', bytes)
  write('.tar.gz.sha256', `${sha256}  ${name}.tar.gz\n`)
  write('.provenance.json', `${JSON.stringify(provenance({ name, sha256, commit }), null, 2)}\n`)
  if (notes !== undefined) write('.notes.md', notes)
  console.log(join(to, `${name}.tar.gz`))
  console.log(`${sha256}  ${(bytes.length / 1e6).toFixed(1)} MB, of commit ${commit}`)
}

function refuseWhatIsNoRelease(commit, version, notes) {
  const tags = git('tag', '--points-at', commit).toString().split('\n')
  if (!tags.includes(`v${version}`))
    throw new Error(`The commit has no tag v${version}. Tag it, or correct the version in package.json.`)
  if (notes === undefined)
    throw new Error(
      `CHANGELOG.md has no section "## ${version}". Give "Unreleased" that name, and commit it.`,
    )
}

/** What CHANGELOG.md says about a version, without the headline; undefined without a section. */
function notesOf(changelog, version) {
  const section = changelog.split(/^## /m).find((part) => part.split(/\s/, 1)[0] === version)
  return section?.slice(section.indexOf('\n')).trim().concat('\n')
}

/** An in-toto statement with the fields of SLSA v1 that are known here. It is not signed. */
function provenance({ name, sha256, commit }) {
  const lock = git('rev-parse', `${commit}:package-lock.json`).toString().trim()
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: `${name}.tar.gz`, digest: { sha256 } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'npm run release:tarball',
        externalParameters: { ref: commit },
        internalParameters: { node: process.version, zlib: process.versions.zlib },
        resolvedDependencies: [
          { name: 'source', digest: { gitCommit: commit } },
          { name: 'package-lock.json', digest: { gitBlob: lock } },
        ],
      },
      runDetails: { builder: { id: builder() } },
    },
  }
}

function builder() {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = process.env
  return GITHUB_RUN_ID
    ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`
    : 'a machine of its own'
}

function git(...args) {
  return execFileSync('git', args, {
    cwd: ROOT,
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}
