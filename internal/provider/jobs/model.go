package jobs

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// model is bits_jobs as configuration and state hold it.
type model struct {
	Host        types.String `tfsdk:"host"`
	ID          types.String `tfsdk:"id"`
	DisplayName types.String `tfsdk:"display_name"`
	State       types.String `tfsdk:"state"`
	BITSState   types.String `tfsdk:"bits_state"`
	Priority    types.String `tfsdk:"priority"`
	Owner       types.String `tfsdk:"owner"`
	AllUsers    types.Bool   `tfsdk:"all_users"`
	Jobs        []listedJob  `tfsdk:"jobs"`
}

// listedJob is one job of the result.
type listedJob struct {
	ID                  types.String         `tfsdk:"id"`
	DisplayName         types.String         `tfsdk:"display_name"`
	Description         types.String         `tfsdk:"description"`
	TransferType        types.String         `tfsdk:"transfer_type"`
	Priority            types.String         `tfsdk:"priority"`
	State               types.String         `tfsdk:"state"`
	BITSState           types.String         `tfsdk:"bits_state"`
	Owner               types.Object         `tfsdk:"owner"`
	Error               types.Object         `tfsdk:"error"`
	BytesTotal          types.Int64          `tfsdk:"bytes_total"`
	BytesTransferred    types.Int64          `tfsdk:"bytes_transferred"`
	FilesTotal          types.Int64          `tfsdk:"files_total"`
	FilesTransferred    types.Int64          `tfsdk:"files_transferred"`
	Percent             types.Int64          `tfsdk:"percent"`
	Rate                types.Int64          `tfsdk:"rate"`
	CreatedAt           timetypes.RFC3339    `tfsdk:"created_at"`
	ModifiedAt          timetypes.RFC3339    `tfsdk:"modified_at"`
	TransferredAt       timetypes.RFC3339    `tfsdk:"transferred_at"`
	Files               []listedFile         `tfsdk:"files"`
	MinimumRetryDelay   timetypes.GoDuration `tfsdk:"minimum_retry_delay"`
	NoProgressTimeout   timetypes.GoDuration `tfsdk:"no_progress_timeout"`
	MaximumDownloadTime timetypes.GoDuration `tfsdk:"maximum_download_time"`
	TransferPolicy      []bits.CostState     `tfsdk:"transfer_policy"`
	Proxy               *listedProxy         `tfsdk:"proxy"`
	HTTPMethod          *string              `tfsdk:"http_method"`
	Dynamic             *bool                `tfsdk:"dynamic"`
	SecurityFlags       []bits.SecurityFlag  `tfsdk:"security_flags"`
	ACLFlags            []bits.ACLFlag       `tfsdk:"acl_flags"`
	NotifyFlags         []bits.NotifyFlag    `tfsdk:"notify_flags"`
	NotifyCommand       []string             `tfsdk:"notify_command"`
	ClientCertificate   *listedCertificate   `tfsdk:"client_certificate"`
}

type listedFile struct {
	RemoteName       types.String `tfsdk:"remote_name"`
	LocalName        types.String `tfsdk:"local_name"`
	BytesTotal       types.Int64  `tfsdk:"bytes_total"`
	BytesTransferred types.Int64  `tfsdk:"bytes_transferred"`
}

type listedProxy struct {
	Usage      types.String `tfsdk:"usage"`
	List       []string     `tfsdk:"list"`
	BypassList []string     `tfsdk:"bypass_list"`
}

type listedCertificate struct {
	StoreLocation types.String `tfsdk:"store_location"`
	StoreName     types.String `tfsdk:"store_name"`
	Thumbprint    types.String `tfsdk:"thumbprint"`
}

// newListedJob is what the state holds of a job that was listed at a time.
func newListedJob(job bits.Job, at time.Time) listedJob {
	l := listedJob{
		ID:               types.StringValue(string(job.ID)),
		DisplayName:      types.StringValue(job.DisplayName),
		Description:      types.StringValue(job.Description),
		TransferType:     types.StringValue(string(job.TransferType)),
		Priority:         types.StringValue(string(job.Priority)),
		State:            types.StringValue(string(job.State.Stage())),
		BITSState:        types.StringValue(string(job.State)),
		Owner:            attrs.Owner(job.Owner, types.ObjectNull(attrs.OwnerTypes)),
		Error:            types.ObjectNull(attrs.ErrorTypes),
		BytesTotal:       attrs.SizeOrNull(job.BytesTotal),
		BytesTransferred: attrs.SizeOrNull(&job.BytesTransferred),
		FilesTotal:       types.Int64Value(int64(len(job.Files))),
		FilesTransferred: types.Int64Value(int64(job.FilesTransferred)),
		Percent:          percent(job),
		Rate:             rate(job, at),
		CreatedAt:        timetypes.NewRFC3339TimeValue(job.CreatedAt.UTC()),
		ModifiedAt:       timetypes.NewRFC3339TimeValue(job.ModifiedAt.UTC()),
		TransferredAt:    attrs.TimeOrNull(job.TransferredAt),
		Files:            []listedFile{},
	}
	if job.State == bits.StateError || job.State == bits.StateTransientError {
		l.Error = attrs.JobError(job)
	}
	for _, f := range job.Files {
		l.Files = append(l.Files, listedFile{
			RemoteName: types.StringValue(f.RemoteName), LocalName: types.StringValue(f.LocalName),
			BytesTotal: attrs.SizeOrNull(f.BytesTotal), BytesTransferred: attrs.SizeOrNull(&f.BytesTransferred),
		})
	}
	l.setProperties(job.Properties)
	return l
}

// setProperties takes the properties that hold no secret over.
func (l *listedJob) setProperties(p bits.Properties) {
	l.MinimumRetryDelay = attrs.DurationOrNull(p.MinimumRetryDelay)
	l.NoProgressTimeout = attrs.DurationOrNull(p.NoProgressTimeout)
	l.MaximumDownloadTime = attrs.DurationOrNull(p.MaximumDownloadTime)
	l.TransferPolicy, l.SecurityFlags, l.ACLFlags, l.NotifyFlags = p.TransferPolicy, p.SecurityFlags, p.ACLFlags, p.NotifyFlags
	l.HTTPMethod, l.Dynamic, l.NotifyCommand = p.HTTPMethod, p.Dynamic, p.NotifyCommand
	if p.ProxyUsage != nil {
		l.Proxy = &listedProxy{Usage: types.StringValue(string(*p.ProxyUsage)), List: p.ProxyList, BypassList: p.ProxyBypassList}
	}
	if p.CertificateHash != nil && *p.CertificateHash != "" {
		l.ClientCertificate = &listedCertificate{
			StoreLocation: attrs.WordOrNull(p.CertificateStoreLocation), StoreName: attrs.WordOrNull(p.CertificateStoreName),
			Thumbprint: types.StringValue(*p.CertificateHash),
		}
	}
}

// percent is how much of a job has arrived, rounded down: less than 100 for what is not all there.
func percent(job bits.Job) types.Int64 {
	switch {
	case job.State == bits.StateTransferred:
		return types.Int64Value(100)
	case job.BytesTotal == nil || *job.BytesTotal == 0:
		return types.Int64Null()
	}
	return types.Int64Value(min(100, int64(100*(float64(job.BytesTransferred)/float64(*job.BytesTotal)))))
}

// rate is how many bytes arrived in a second on average since a job that moves was made. BITS tells no other: it gives
// bytes and times, and the time of its last change is that of any property.
func rate(job bits.Job, at time.Time) types.Int64 {
	since := at.Sub(job.CreatedAt)
	if job.State != bits.StateTransferring || since < time.Second {
		return types.Int64Null()
	}
	return types.Int64Value(int64(float64(job.BytesTransferred) / since.Seconds()))
}
