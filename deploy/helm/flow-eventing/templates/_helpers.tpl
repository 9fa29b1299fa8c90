{{/* The name of the release's objects, at most 52 characters so that suffixes fit. */}}
{{- define "flow.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The labels that never change, for selectors. Argument: dict root, app. */}}
{{- define "flow.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .app }}
{{- end -}}

{{- define "flow.labels" -}}
{{ include "flow.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "flow.secretName" -}}
{{- .Values.secrets.existing | default (include "flow.fullname" .) -}}
{{- end -}}

{{/* An image by digest, otherwise by tag. Argument: dict root, of (the app's values). */}}
{{- define "flow.image" -}}
{{- $name := .of.image -}}
{{- with .root.Values.image.registry }}{{ $name = printf "%s/%s" (. | trimSuffix "/") $name }}{{ end -}}
{{- if .of.digest -}}
{{ $name }}@{{ .of.digest }}
{{- else -}}
{{ $name }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* Problems of values that the schema can't express. They are reported before anything is installed. */}}
{{- define "flow.check" -}}
{{- if not .Values.secrets.existing -}}
{{- if and (not .Values.mongodb.url) (not .Values.mongodb.trial.enabled) -}}
{{- fail "\n\nWhere is MongoDB? Set one of:\n  mongodb.url                 the URL of a replica set\n  mongodb.trial.enabled=true  one server in the release, for a trial\n  secrets.existing            a Secret that has MONGODB_URL\n" -}}
{{- end -}}
{{- if and (eq .Values.eventingDriver "nats") (not .Values.nats.url) (not .Values.nats.trial.enabled) -}}
{{- fail "\n\nWhere is NATS? Set one of:\n  nats.url                  the URLs of the servers, with commas between\n  nats.trial.enabled=true   one server in the release, for a trial\n  eventingDriver=http       no NATS\n  secrets.existing          a Secret that has NATS_URL\n" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.secrets.existing (or .Values.mongodb.trial.enabled .Values.nats.trial.enabled) -}}
{{- fail "\n\nThe trial servers need passwords of the chart's own Secret: leave secrets.existing empty, or bring your own MongoDB and NATS.\n" -}}
{{- end -}}
{{- if and .Values.executor.autoscaling.enabled .Values.executor.keda.enabled -}}
{{- fail "\n\nexecutor.autoscaling and executor.keda would both set the number of executors: enable one of them.\n" -}}
{{- end -}}
{{- if and .Values.executor.keda.enabled (not .Values.executor.keda.prometheusUrl) -}}
{{- fail "\n\nexecutor.keda needs executor.keda.prometheusUrl, where it reads flow_backlog.\n" -}}
{{- end -}}
{{- if and .Values.tls.natsClientCertificate (not .Values.tls.secret) -}}
{{- fail "\n\ntls.natsClientCertificate needs tls.secret: a Secret with tls.crt and tls.key.\n" -}}
{{- end -}}
{{- if and .Values.gateway.enabled (not .Values.gateway.parentRefs) -}}
{{- fail "\n\ngateway.enabled needs gateway.parentRefs: the Gateways to attach to.\n" -}}
{{- end -}}
{{- end -}}

{{/* The security context of a pod: it passes PodSecurity `restricted`. Argument: the user's number. */}}
{{- define "flow.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "flow.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* A Deployment of one app. Argument: dict root, app, of, port, operationsPort. */}}
{{- define "flow.deployment" -}}
{{- $root := .root -}}
{{- $scaled := or .of.autoscaling.enabled (and .of.keda .of.keda.enabled) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "flow.fullname" $root }}-{{ .app }}
  labels: {{- include "flow.labels" (dict "root" $root "app" .app) | nindent 4 }}
spec:
  {{- if not $scaled }}
  replicas: {{ .of.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  selector:
    matchLabels: {{- include "flow.selectorLabels" (dict "root" $root "app" .app) | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "flow.labels" (dict "root" $root "app" .app) | nindent 8 }}
        {{- with .of.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        checksum/settings: {{ include (print $root.Template.BasePath "/settings.yaml") $root | sha256sum }}
        {{- if not $root.Values.secrets.existing }}
        checksum/secret: {{ toJson (list $root.Values.secrets $root.Values.mongodb.url $root.Values.nats.url) | sha256sum }}
        {{- end }}
        {{- with .of.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "flow.fullname" $root }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with $root.Values.image.pullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext: {{- include "flow.podSecurity" 1000 | nindent 8 }}
      terminationGracePeriodSeconds: {{ add $root.Values.stopSeconds .of.preStopSeconds }}
      topologySpreadConstraints:
        {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ $key }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "flow.selectorLabels" (dict "root" $root "app" $.app) | nindent 14 }}
        {{- end }}
      {{- with .of.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .of.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .of.affinity }}
      affinity: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .app }}
          image: {{ include "flow.image" (dict "root" $root "of" .of) }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          ports:
            - { name: http, containerPort: {{ .port }} }
            - { name: operations, containerPort: {{ .operationsPort }} }
          envFrom:
            - configMapRef: { name: {{ include "flow.fullname" $root }}-{{ .app }} }
          env:
            {{- range .secretKeys }}
            - name: {{ .name }}
              valueFrom:
                secretKeyRef: { name: {{ include "flow.secretName" $root }}, key: {{ .name }}{{ if .optional }}, optional: true{{ end }} }
            {{- end }}
          {{- if $root.Values.tls.secret }}
          volumeMounts:
            - { name: tls, mountPath: /etc/flow-eventing/tls, readOnly: true }
          {{- end }}
          # A store that is not available makes a pod unready. It does not restart it: the app waits, and continues by itself.
          startupProbe:
            httpGet: { path: /health/live, port: operations }
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /health/live, port: operations }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /health/ready, port: operations }
            periodSeconds: 3
            timeoutSeconds: 3
            failureThreshold: 2
          {{- if gt (int .of.preStopSeconds) 0 }}
          lifecycle:
            # Load balancers still send requests for a moment after the pod has begun to stop.
            preStop:
              exec: { command: [sleep, '{{ .of.preStopSeconds }}'] }
          {{- end }}
          securityContext: {{- include "flow.containerSecurity" . | nindent 12 }}
          resources: {{- toYaml .of.resources | nindent 12 }}
      {{- with $root.Values.tls.secret }}
      volumes:
        - name: tls
          secret: { secretName: {{ . }} }
      {{- end }}
{{- end -}}

{{/* A random text of letters and digits that is kept at upgrades. Argument: dict root, key, given. */}}
{{- define "flow.keptSecret" -}}
{{- $stored := (lookup "v1" "Secret" .root.Release.Namespace (include "flow.fullname" .root)) | default dict -}}
{{- $old := index ($stored.data | default dict) .key -}}
{{- if .given -}}
{{ .given }}
{{- else if $old -}}
{{ $old | b64dec }}
{{- else -}}
{{ randAlphaNum 48 }}
{{- end -}}
{{- end -}}
