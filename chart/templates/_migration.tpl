{{- /* Where a phase stands, from root and name: 0 is before the first, and what isn't known. */ -}}
{{- define "alys-node.phasePlace" -}}
{{- $name := last . -}}
{{- range $place, $phase := (first .).Values.migration.phases -}}
{{- if eq $phase $name -}}{{ add1 $place }}{{- end -}}
{{- end -}}
{{- end }}

{{- /*
The name of the backup that this upgrade makes of each pod's data, "" for none: the one that is asked for, or one of its
own where the phase is later than the running one. Going back makes none: the way back must not depend on anything.
Helm counts revisions, so the name is never an older backup's. `lookup` finds nothing under `helm template`.
*/ -}}
{{- define "alys-node.backup" -}}
{{- $migration := .Values.migration -}}
{{- if and $migration.volume $migration.snapshotClass -}}
{{- fail "migration.volume and migration.snapshotClass are both set: backups are kept in one place. Set one of them to \"\"" -}}
{{- end -}}
{{- $kept := include "alys-node.backupPlace" . -}}
{{- if and $migration.backup (not $kept) -}}
{{- fail "migration.backup asks for a backup, but neither migration.volume nor migration.snapshotClass says where it is kept. Set one, or migration.backup to \"\"" -}}
{{- end -}}
{{- if and $migration.phase (not (has $migration.phase $migration.phases)) -}}
{{- fail (printf "migration.phase is %s, which is none of migration.phases: %s" $migration.phase (join ", " $migration.phases)) -}}
{{- end -}}
{{- $running := include "alys-node.running" . | fromYaml -}}
{{- $before := include "alys-node.runningLabel" (list . "alys.network/phase") -}}
{{- $places := list (include "alys-node.phasePlace" (list . $before)) (include "alys-node.phasePlace" (list . $migration.phase)) -}}
{{- if $migration.backup -}}
{{ $migration.backup }}
{{- else if and $kept $running (gt (last $places | int) (first $places | int)) -}}
{{ $before | default "release" }}-r{{ .Release.Revision }}
{{- end -}}
{{- end }}

{{- /* The claim or the snapshot class that backups are kept by; "" where nothing is backed up. */ -}}
{{- define "alys-node.backupPlace" -}}
{{ or .Values.migration.volume .Values.migration.snapshotClass }}
{{- end }}

{{- /* The StatefulSet as it is now; empty where there is none, or under `helm template`. */ -}}
{{- define "alys-node.running" -}}
{{ lookup "apps/v1" "StatefulSet" .Release.Namespace .Release.Name | toYaml }}
{{- end }}

{{- /* A label of the pods that it makes now, from root and name. */ -}}
{{- define "alys-node.runningLabel" -}}
{{- $running := include "alys-node.running" (first .) | fromYaml -}}
{{- get (dig "spec" "template" "metadata" "labels" dict $running) (last .) -}}
{{- end }}

{{- /* How many pods have data already: a new one has none to keep. */ -}}
{{- define "alys-node.kept" -}}
{{- $running := include "alys-node.running" . | fromYaml -}}
{{ min (int .Values.replicas) (int (dig "spec" "replicas" .Values.replicas $running)) }}
{{- end }}

{{- /* No instance label, as with the smoke test. */ -}}
{{- define "alys-node.backupSelector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}-backup
app.kubernetes.io/part-of: {{ .Release.Name }}
{{- end }}

{{- /* A node may run: its chain only grows, and the backup ends with the last whole block. */ -}}
{{- define "alys-node.backupContainer" -}}
- name: backup
  {{- include "alys-node.dataContainer" .root | nindent 2 }}
  args:
    - backup
    - --to
    - /backups/{{ .backup }}/{{ .pod }}
    - --timeout
    - {{ .root.Values.migration.timeoutSeconds | quote }}
  {{- include "alys-node.madeBy" . | nindent 2 }}
  volumeMounts:
    - name: data
      mountPath: /var/lib/alys
      readOnly: true
    - name: backups
      mountPath: /backups
{{- end }}

{{- /* What the data of a pod was made by, from root and pod: not yet this version and phase. */ -}}
{{- define "alys-node.madeBy" -}}
env:
  - name: POD_NAME
    value: {{ .pod | quote }}
  {{- with include "alys-node.runningLabel" (list .root "alys.network/version") }}
  - name: ALYS_VERSION
    value: {{ . | quote }}
  {{- end }}
  {{- with include "alys-node.runningLabel" (list .root "alys.network/phase") }}
  - name: ALYS_PHASE
    value: {{ . | quote }}
  {{- end }}
{{- end }}

{{- /* On the machine of a pod: one machine at a time may have its volume. */ -}}
{{- define "alys-node.besidePod" -}}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            statefulset.kubernetes.io/pod-name: {{ . }}
{{- end }}

{{- /* What any pod of a Job on data is: tried once, as the node's own user. */ -}}
{{- define "alys-node.dataPod" -}}
{{ include "alys-node.placement" . }}
restartPolicy: Never
securityContext:
  {{- include "alys-node.podSecurityContext" . | nindent 2 }}
{{- end }}

{{- /* What any container that works on data is; block by block, so it needs little. */ -}}
{{- define "alys-node.dataContainer" -}}
image: {{ include "alys-node.image" . }}
imagePullPolicy: {{ include "alys-node.imagePullPolicy" . }}
resources:
  requests:
    cpu: 10m
    memory: 32Mi
  limits:
    memory: 128Mi
securityContext:
  {{- include "alys-node.containerSecurityContext" . | nindent 2 }}
{{- end }}
