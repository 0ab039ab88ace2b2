import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MOST_MEGABYTES } from '../image/check-contents.ts'
import { digestOfInputs, readImageLock } from '../image/image-inputs.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
/** One instruction per line, without comments. */
const instructions = read('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '')
const of = (name: string) =>
  instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))

test('the image was built and tried since its Dockerfile changed', () => {
  const cure =
    'Run npm run check:image as root (apt-get install -y buildah bubblewrap mmdebstrap), and commit deploy/image.lock.'
  expect(readImageLock().inputs, cure).toBe(digestOfInputs())
  expect(readImageLock().megabytes).toBeLessThanOrEqual(MOST_MEGABYTES)
})

test('it is built in two stages on the Node of the lock file’s major version', () => {
  const major = process.versions.node.split('.')[0]
  expect(of('FROM')).toEqual([`node:${major}-bookworm-slim AS packages`, `node:${major}-bookworm-slim`])
  expect(of('RUN')[0]).toMatch(/npm ci --omit=dev .*rm -rf node_modules\/node-linux-\*/)
})

test('it runs as a user by number, is reached from outside, and keeps its data on a volume', () => {
  expect(of('USER')).toEqual(['1000:1000'])
  expect(of('ENV')).toEqual(['HOST=0.0.0.0 PORT=3000 DATA_DIR=/data'])
  expect(of('VOLUME')).toEqual(['/data'])
  expect(of('EXPOSE')).toEqual(['3000'])
})

test('the host starts the service without a shell', () => {
  const [entry = '', command = '', check = ''] = [of('ENTRYPOINT'), of('CMD'), of('HEALTHCHECK')].flat()
  expect(JSON.parse(entry)).toEqual(['tini', '--'])
  expect(JSON.parse(command)[0]).toBe('node')
  const healthCheck: string[] = JSON.parse(check.slice(check.indexOf('[')))
  expect(healthCheck.slice(0, 2)).toEqual(['node', '-e'])
  expect(healthCheck[2]).toContain('process.env.PORT}/healthz')
})

test('no secret is an argument of the build, and nothing is copied but by name', () => {
  expect(of('ARG').map((line) => line.split('=')[0])).toEqual(['VERSION', 'REVISION'])
  expect(
    instructions.filter((line) => /^ADD |^COPY \. |--mount|(?:KEY|SECRET|TOKEN|PASSWORD)=/.test(line)),
  ).toEqual([])
  const copied = of('COPY')
    .filter((line) => !line.startsWith('--from'))
    .flatMap((line) => line.split(' ').slice(0, -1))
  const allowed = [...read('.dockerignore').matchAll(/^!(.*)$/gm)].map(([, path = '']) => path)
  expect([...new Set(copied)].sort()).toEqual(allowed.sort())
  for (const path of allowed) expect(existsSync(join(ROOT, path)), path).toBe(true)
  expect(read('.dockerignore')).toMatch(/^\*$/m)
})
