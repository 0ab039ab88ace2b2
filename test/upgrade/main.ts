import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { RELEASES, type ReleaseFiles } from './previous-release.ts'

/** Of no use to a service that runs. */
const LEFT_OUT = /^src\/(?:commands\/|secrets\/gitleaks\/samples\.txt$)/

/**
 * `npm run keep-release -- <commit or tag>` writes the code of a release where the test of two versions finds it, and removes
 * the one before. Without types and comments it has a half of its size.
 */
function keepRelease(commit: string): void {
  const name = execFileSync('git', ['rev-parse', '--short=10', commit], { encoding: 'utf8' }).trim()
  const directory = mkdtempSync(join(tmpdir(), 'backspace-release-'))
  const archive = execFileSync('git', ['archive', commit, 'src', 'package.json'], {
    maxBuffer: 256 * 1024 * 1024,
  })
  execFileSync('tar', ['-x', '-C', directory], { input: archive })
  const files: Record<string, string> = {}
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(directory, entry)
    if (!statSync(path).isFile() || LEFT_OUT.test(entry)) continue
    const text = readFileSync(path, 'utf8')
    files[relative(directory, path)] = entry.endsWith('.ts')
      ? stripTypeScriptTypes(text, { mode: 'transform' })
      : text
  }
  rmSync(directory, { recursive: true })
  const packed = brotliCompressSync(JSON.stringify(files satisfies ReleaseFiles), {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    },
  })
  for (const before of readdirSync(RELEASES)) rmSync(join(RELEASES, before))
  writeFileSync(join(RELEASES, `${name}.json.br`), packed)
  console.log(`${name}: ${Object.keys(files).length} files, ${Math.round(packed.length / 1024)} KB`)
}

const [commit] = process.argv.slice(2)
if (commit === undefined) {
  console.error('Name a commit or a tag: npm run keep-release -- v1.2.0')
  process.exitCode = 1
} else {
  keepRelease(commit)
}
