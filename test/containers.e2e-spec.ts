import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describeConfig } from '@app/config';
import { ListenerConfig } from '../apps/listener/src/listener.config.js';
import { WorkflowExecutorConfig } from '../apps/workflow-executor/src/workflow-executor.config.js';
import { type ComposeFile, type ComposeService, composeFile } from './support/compose-file.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const FILES = ['docker-compose.yml', 'docker-compose.cluster.yml'];
const files = await Promise.all(FILES.map((name) => composeFile(name)));

/** Settings that are never shown, of either app. */
const SECRETS = [
  ...new Set(
    [...describeConfig(ListenerConfig), ...describeConfig(WorkflowExecutorConfig)]
      .filter(({ secret }) => secret)
      .map(({ name }) => name),
  ),
];

type Named = readonly [string, ComposeService];

const services: readonly Named[] = files.flatMap(({ name, services: all }) =>
  Object.entries(all).map(([service, what]) => [`${name} ${service}`, what] as const),
);
const apps = services.filter(([, { image }]) => image.startsWith('flow-'));
const mongods = services.filter(([, { image }]) => image.startsWith('mongo:'));

async function text(name: string): Promise<string> {
  return readFile(path.join(ROOT, name), 'utf8');
}

describe.each(services)('%s', (_name, service) => {
  it('has bounds for its log, its memory and its processors', () => {
    expect(service.logging?.options).toEqual({ 'max-size': '10m', 'max-file': '5' });
    expect(service.deploy?.resources.limits).toEqual({
      cpus: expect.stringMatching(/^\d+$/) as string,
      memory: expect.stringMatching(/^\d+[MG]$/) as string,
    });
  });

  it('has no capability, and can get none', () => {
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.cap_add).toBeUndefined();
    expect(service.security_opt).toContain('no-new-privileges:true');
  });

  it('has a health check, which is frequent while it starts', () => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(0);
    expect(service.healthcheck?.start_interval).toMatch(/^\ds$/);
    expect(service.restart).toBe('unless-stopped');
  });

  it('is started by a plain `up`, and any number of times', () => {
    expect(service.profiles).toBeUndefined();
    expect(service.container_name).toBeUndefined();
    const published = service.image.startsWith('haproxy:') ? 2 : 0;
    expect(service.ports ?? []).toHaveLength(published);
  });

  it('has no secret in its command line', () => {
    const words = [...(service.command ?? []), ...(service.healthcheck?.test ?? [])].join(' ');

    // Compose writes the first; the shell of the container the second.
    expect(words).not.toMatch(/\$\{\w*(PASSWORD|SECRET|TOKEN|KEY)|-p \S*\$\$/);
  });

  it('is not read-only if the compose file has its configuration', () => {
    // Compose refuses to start a read-only service with a configuration that is in the compose file.
    if (service.configs) expect(service.read_only).toBeUndefined();
  });

  it('waits until its stores are healthy', () => {
    const stores = Object.entries(service.depends_on ?? {}).filter(([on]) =>
      /mongodb|nats/.test(on),
    );

    expect(stores.map(([, { condition }]) => condition)).toEqual(
      stores.map(() => 'service_healthy'),
    );
  });
});

describe.each(apps)('%s', (_name, service) => {
  it('is healthy when it is ready', () => {
    expect(service.healthcheck?.test.join(' ')).toContain('/health/ready');
  });

  it('has its init from the image', () => {
    expect(service.init).toBeUndefined();
  });
});

describe.each(mongods)('%s', (_name, service) => {
  it('never runs as root', () => {
    expect(service.user).toBe('mongodb');
  });

  it('has no anonymous volume', () => {
    const mounted = [...(service.tmpfs ?? []), ...(service.volumes ?? [])].join(' ');

    // The volumes that the image declares.
    for (const folder of ['/data/db', '/data/configdb']) expect(mounted).toContain(folder);
  });

  it('is healthy only if its replica set has a primary', () => {
    expect(service.healthcheck?.test.join(' ')).toContain('quit(primary && ');
  });

  it('has the administrator of MongoDB only with the member that initiates the set', () => {
    const begins = service.environment?.['REPLICA_SET_HOSTS'] !== undefined;

    expect(service.environment?.['MONGO_INITDB_ROOT_USERNAME'] !== undefined).toBe(begins);
  });
});

describe('the two compose files', () => {
  it('are projects of their own', () => {
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
  });

  it('have the same gateway and the same script for users', () => {
    const [single, cluster] = files;
    for (const name of ['gateway', 'mongodb-users']) {
      expect(cluster?.configs[name]).toEqual(single?.configs[name]);
    }
    expect(single?.configs['gateway']?.content).toContain('listener:7720');
  });

  it.each(files)(
    '$name has a volume for each store, and no other',
    ({ services: all, volumes }) => {
      const mounted = Object.values(all).flatMap((service) =>
        (service.volumes ?? []).map((volume) => volume.split(':')[0]),
      );

      expect(mounted.toSorted()).toEqual(Object.keys(volumes).sort());
    },
  );

  it('take each secret from .env, and fail if it is missing', async () => {
    const example = await text('.env.example');
    const secrets = [...example.matchAll(/^([A-Z_]+)=$/gm)].map(([, name]) => name ?? '');
    const needed = files.flatMap((file) => required(file));

    expect([...new Set(needed)].sort()).toEqual(secrets.toSorted());
  });

  it.each(SECRETS)('and the chart pass %s to the apps that have this setting', async (secret) => {
    const chart = await text('deploy/helm/flow-eventing/templates/deployments.yaml');

    expect(apps.some(([, { environment }]) => environment?.[secret] !== undefined)).toBe(true);
    expect(chart).toContain(`(dict "name" "${secret}"`);
  });

  it('quote the passwords for NATS, which parses an unquoted one as a number if it can', () => {
    const given = services.flatMap(([, { environment }]) =>
      Object.entries(environment ?? {}).filter(([name]) => /^NATS_.*(PASSWORD|ROUTE_)/.test(name)),
    );

    expect(given.length).toBeGreaterThan(0);
    for (const [, value] of given) expect(value).toMatch(/^".*"$/);
  });
});

/** Variables without which Compose does nothing. */
function required({ text: written }: ComposeFile): readonly string[] {
  return [...written.matchAll(/\$\{([A-Z_]+):\?set it in \.env\}/g)].map(([, name]) => name ?? '');
}

describe('Dockerfile', () => {
  it('uses no images except its bases, which are named by digest', async () => {
    const dockerfile = await text('Dockerfile');
    const stages = [...dockerfile.matchAll(/^FROM .* AS (\S+)$/gm)].map(([, stage]) => stage);
    const bases = [...dockerfile.matchAll(/^FROM (?:--platform=\S+ )?(\S+)/gm)].map(
      ([, base]) => base,
    );
    const args = [...dockerfile.matchAll(/^ARG (\w+_IMAGE)=(\S+)$/gm)];

    expect(dockerfile).not.toMatch(/^# *syntax/im);
    for (const [, , image] of args) expect(image).toMatch(/^\S+:\S+@sha256:[0-9a-f]{64}$/);
    const known = [...stages, ...args.map(([, name]) => `\${${name ?? ''}}`)];
    expect(known).toEqual(expect.arrayContaining(bases));
  });

  it('builds for any processor: stages of the target platform only copy files', async () => {
    const dockerfile = await text('Dockerfile');
    const ofTarget = dockerfile
      .split(/^(?=FROM )/m)
      .slice(1)
      .filter((stage) => !stage.startsWith('FROM --platform=$BUILDPLATFORM'));

    expect(ofTarget.length).toBeGreaterThan(1);
    for (const stage of ofTarget) expect(stage).not.toMatch(/^RUN/m);
  });

  it('sets the semi-space size that a process outside of a container has', async () => {
    const runtime = (await text('Dockerfile')).split(/^(?=FROM .* AS runtime$)/m)[1] ?? '';

    expect(runtime).toMatch(/^ENV .*NODE_OPTIONS=--max-semi-space-size=16$/m);
  });

  it('installs no package with binaries for one processor', async () => {
    const lock = JSON.parse(await text('package-lock.json')) as {
      readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };
    const production = Object.entries(lock.packages).filter(
      ([, { dev, devOptional }]) => !dev && !devOptional,
    );
    const bound = production.filter(
      ([, what]) => what['cpu'] ?? what['os'] ?? what['hasInstallScript'],
    );

    expect(production.length).toBeGreaterThan(20);
    expect(bound.map(([name]) => name)).toEqual([]);
  });

  it('starts the apps under an init, as an unprivileged user, without npm', async () => {
    const runtime = (await text('Dockerfile')).split(/^(?=FROM .* AS runtime$)/m)[1] ?? '';

    expect(runtime).toContain('ENTRYPOINT ["tini", "--"]');
    expect(runtime).toMatch(/^USER 1000:1000$/m);
    expect(runtime.match(/(?<=^COPY --from=node ).*/gm)).toEqual([
      '/usr/local/bin/node /usr/local/bin/node',
    ]);
  });

  it('adds a list of the contents to the image', async () => {
    const dockerfile = await text('Dockerfile');
    const { version, license } = JSON.parse(await text('package.json')) as Record<string, string>;

    expect(dockerfile).toContain(`image.version="${version ?? ''}"`);
    expect(dockerfile).toContain(`image.licenses="${license ?? ''}"`);
    expect(dockerfile).toContain('npm sbom');
  });
});
