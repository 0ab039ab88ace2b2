import { openApiPaths } from './openapi-paths.ts'
import { openApiSchemas } from './openapi-schemas.ts'

/** The API in OpenAPI 3.1. Tests validate every answer and every frame against it. */
export function openApiDocument(publicUrl: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Backspace',
      version: '1',
      description:
        'Starts runs on GitHub repositories and reports what happens in them. Every call needs an API token, or the session of a browser, except on a service that only its own machine can reach, as long as no token was made.',
    },
    servers: [{ url: publicUrl }],
    security: [{ token: [] }],
    paths: openApiPaths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: openApiSchemas(),
    },
  } as const
}
