// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// The calls of a CLI that do not stream their results.

// ConfigureProvider configures the provider. What goes on after later calls logs as if it belonged to this one.
func (s *server) ConfigureProvider(
	ctx context.Context, q *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	loggers := context.WithoutCancel(ctx)
	s.loggers.Store(&loggers)
	return during(ctx, s, s.everything.ConfigureProvider, q)
}

func (s *server) GetMetadata(ctx context.Context, q *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	return during(ctx, s, s.everything.GetMetadata, q)
}

func (s *server) GetProviderSchema(
	ctx context.Context, q *tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	return during(ctx, s, s.everything.GetProviderSchema, q)
}

func (s *server) GetResourceIdentitySchemas(
	ctx context.Context, q *tfprotov6.GetResourceIdentitySchemasRequest,
) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return during(ctx, s, s.everything.GetResourceIdentitySchemas, q)
}

func (s *server) ValidateProviderConfig(
	ctx context.Context, q *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return during(ctx, s, s.everything.ValidateProviderConfig, q)
}

func (s *server) ValidateResourceConfig(
	ctx context.Context, q *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return during(ctx, s, s.everything.ValidateResourceConfig, q)
}

func (s *server) UpgradeResourceState(
	ctx context.Context, q *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return during(ctx, s, s.everything.UpgradeResourceState, q)
}

func (s *server) UpgradeResourceIdentity(
	ctx context.Context, q *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return during(ctx, s, s.everything.UpgradeResourceIdentity, q)
}

func (s *server) ReadResource(ctx context.Context, q *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return during(ctx, s, s.everything.ReadResource, q)
}

func (s *server) PlanResourceChange(
	ctx context.Context, q *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	return during(ctx, s, s.everything.PlanResourceChange, q)
}

func (s *server) ApplyResourceChange(
	ctx context.Context, q *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return during(ctx, s, s.everything.ApplyResourceChange, q)
}

func (s *server) ImportResourceState(
	ctx context.Context, q *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return during(ctx, s, s.everything.ImportResourceState, q)
}

func (s *server) MoveResourceState(
	ctx context.Context, q *tfprotov6.MoveResourceStateRequest,
) (*tfprotov6.MoveResourceStateResponse, error) {
	return during(ctx, s, s.everything.MoveResourceState, q)
}

func (s *server) GenerateResourceConfig(
	ctx context.Context, q *tfprotov6.GenerateResourceConfigRequest,
) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return during(ctx, s, s.everything.GenerateResourceConfig, q)
}

func (s *server) ValidateDataResourceConfig(
	ctx context.Context, q *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return during(ctx, s, s.everything.ValidateDataResourceConfig, q)
}

func (s *server) ReadDataSource(ctx context.Context, q *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return during(ctx, s, s.everything.ReadDataSource, q)
}

func (s *server) GetFunctions(ctx context.Context, q *tfprotov6.GetFunctionsRequest) (*tfprotov6.GetFunctionsResponse, error) {
	return during(ctx, s, s.everything.GetFunctions, q)
}

func (s *server) CallFunction(ctx context.Context, q *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	return during(ctx, s, s.everything.CallFunction, q)
}

func (s *server) ValidateListResourceConfig(
	ctx context.Context, q *tfprotov6.ValidateListResourceConfigRequest,
) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return during(ctx, s, s.everything.ValidateListResourceConfig, q)
}

func (s *server) ValidateActionConfig(
	ctx context.Context, q *tfprotov6.ValidateActionConfigRequest,
) (*tfprotov6.ValidateActionConfigResponse, error) {
	return during(ctx, s, s.everything.ValidateActionConfig, q)
}

func (s *server) PlanAction(ctx context.Context, q *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return during(ctx, s, s.everything.PlanAction, q)
}
