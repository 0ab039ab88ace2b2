import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { appManifest, LONGEST_APP_NAME, manifestTarget } from '../../src/github/app-manifest.ts'

const manifest = appManifest({
  name: 'backspace',
  homepage: 'https://github.com',
  webhookUrl: 'https://example.com/api/github/webhooks',
  redirectUrl: 'https://example.com/setup/github',
  setupUrl: 'https://example.com/setup',
  callbackUrls: ['https://example.com/auth/github/callback'],
})

test('app.yml and the manifest of the setup page say the same', () => {
  const written = parse(readFileSync(join(import.meta.dirname, '../../app.yml'), 'utf8'))
  const { redirect_url: _, ...lasting } = manifest
  expect(written).toEqual(lasting)
})

test('the manifest goes to the page of the person, of the organization, or of the Enterprise Server', () => {
  expect(manifestTarget('https://github.com', undefined)).toBe('https://github.com/settings/apps/new')
  expect(manifestTarget('https://ghe.example', 'acme')).toBe(
    'https://ghe.example/organizations/acme/settings/apps/new',
  )
  expect(LONGEST_APP_NAME).toBe(34)
})
