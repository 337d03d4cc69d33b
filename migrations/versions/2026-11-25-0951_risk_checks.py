"""risk checks

Revision ID: risk_checks
Revises: mail_relays
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.base


revision = 'risk_checks'
down_revision = 'mail_relays'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('checklist_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('loaded_at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('loaded_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['loaded_by_id'], ['person.id'], name=op.f('fk_checklist_version_loaded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checklist_version')),
    sa.UniqueConstraint('version', name=op.f('uq_checklist_version_version'))
    )
    op.create_table('risk_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hub_id', sa.Integer(), nullable=False),
    sa.Column('series_id', sa.Integer(), nullable=True),
    sa.Column('activity_id', sa.Integer(), nullable=True),
    sa.Column('checklist_id', sa.Integer(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('has_minors', sa.Boolean(), nullable=False),
    sa.Column('is_outdoors', sa.Boolean(), nullable=False),
    sa.Column('takes_money', sa.Boolean(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('venue_id', sa.Integer(), nullable=True),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('asked_at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('valid_until', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("state <> 'cleared' OR (decided_by_id IS NOT NULL AND valid_until IS NOT NULL)", name=op.f('ck_risk_check_yes')),
    sa.CheckConstraint('(series_id IS NULL) <> (activity_id IS NULL)', name=op.f('ck_risk_check_subject')),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> asked_by_id', name=op.f('ck_risk_check_second_person')),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_risk_check_activity_id')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_risk_check_asked_by_id')),
    sa.ForeignKeyConstraint(['checklist_id'], ['checklist_version.id'], name=op.f('fk_risk_check_checklist_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_risk_check_decided_by_id')),
    sa.ForeignKeyConstraint(['hub_id'], ['hub.id'], name=op.f('fk_risk_check_hub_id')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_risk_check_series_id')),
    sa.ForeignKeyConstraint(['venue_id'], ['venue.id'], name=op.f('fk_risk_check_venue_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_risk_check'))
    )
    with op.batch_alter_table('risk_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_risk_check_activity_id'), ['activity_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_risk_check_hub_id'), ['hub_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_risk_check_series_id'), ['series_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_risk_check_state'), ['state'], unique=False)

    op.add_column('activity', sa.Column('is_outdoors', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('activity', sa.Column('takes_money', sa.Boolean(), nullable=False, server_default=sa.false()))

    op.add_column('series', sa.Column('is_outdoors', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('series', sa.Column('takes_money', sa.Boolean(), nullable=False, server_default=sa.false()))



def downgrade() -> None:
    op.drop_column('series', 'takes_money')
    op.drop_column('series', 'is_outdoors')

    op.drop_column('activity', 'takes_money')
    op.drop_column('activity', 'is_outdoors')

    with op.batch_alter_table('risk_check', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_risk_check_state'))
        batch_op.drop_index(batch_op.f('ix_risk_check_series_id'))
        batch_op.drop_index(batch_op.f('ix_risk_check_hub_id'))
        batch_op.drop_index(batch_op.f('ix_risk_check_activity_id'))

    op.drop_table('risk_check')
    op.drop_table('checklist_version')
